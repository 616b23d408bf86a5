"""What the database holds by itself, tried by SQL as a role that is not its owner: migrations 0004, 0007 and 0008."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection

from elders.models import Elder
from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import breaks, draft, freeze, make_visit, review, unguarded


@pytest.fixture
def frozen_march(cast: Cast, elder: Elder) -> Settlement:
    """One paid and one unpaid visit of March, and a withheld one."""
    for day, state in ((4, "valid"), (5, "invalid"), (6, "valid")):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state=state)
    march = draft(cast.town)
    kept = march.paid_visits.order_by("-started_at").first()
    assert kept is not None
    march.withholdings.create(worker=cast.worker, visit=kept.visit, reason="待核实", by=cast.head)
    return freeze(draft(cast.town), maker=cast.head, checker=cast.approver)


@pytest.fixture
def april_with_reversal(cast: Cast, frozen_march: Settlement) -> Settlement:
    """The paid visit of March was found false: April takes it back, and is frozen too."""
    review(frozen_march.paid_visits.get().visit, "invalid")
    return freeze(draft(cast.town, "2025-04"), maker=cast.head, checker=cast.approver)


@pytest.fixture
def as_the_app(db: None) -> Iterator[None]:
    """A role that may write every row and owns no table."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE app_of_tests NOLOGIN")
        cursor.execute("GRANT USAGE ON SCHEMA public TO app_of_tests")
        cursor.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO app_of_tests"
        )
        cursor.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app_of_tests")
        cursor.execute("SET LOCAL ROLE app_of_tests")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


CHANGES = (
    "UPDATE subsidies_settlement SET total = total + 1",
    "UPDATE subsidies_settlement SET state = 'draft', assessed_by_id = NULL, approved_by_id = NULL",
    "UPDATE subsidies_settlement SET state = 'closed', total = 0",
    "UPDATE subsidies_settlement SET digest = 'x'",
    "UPDATE subsidies_line SET amount = 0",
    "UPDATE subsidies_line SET card = 'x'",
    "UPDATE subsidies_paidvisit SET amount = 7",
    "UPDATE subsidies_unpaidvisit SET reason = 'late'",
    "UPDATE subsidies_reversal SET amount = 0",
    "UPDATE subsidies_withholding SET reason = 'x'",
    "DELETE FROM subsidies_reversal",
    "DELETE FROM subsidies_paidvisit",
    "DELETE FROM subsidies_unpaidvisit",
    "DELETE FROM subsidies_withholding",
)


@pytest.mark.parametrize("change", CHANGES)
def test_frozen_rows_do_not_change(april_with_reversal: Settlement, as_the_app: None, change: str) -> None:
    with breaks("settlement_stays_frozen"):
        run_sql(change)


def test_new_key_reaches_encrypted_columns_of_frozen_lines_and_nothing_else(
    april_with_reversal: Settlement, as_the_app: None
) -> None:
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    run_sql("UPDATE subsidies_line SET payee_mobile = 'k2:x'")
    for change in (
        *CHANGES,
        "UPDATE subsidies_line SET payee_mobile = 'k2:y'",
        "UPDATE subsidies_line SET payee_mobile = 'k1:y'",
        "UPDATE subsidies_line SET payee_mobile = ''",
        "UPDATE subsidies_line SET card = 'k2:x'",
        "UPDATE subsidies_line SET payee_mobile = 'k3:x', card = 'k3:x'",
        "UPDATE subsidies_line SET payee_mobile = 'k3:x', amount = 0",
        "UPDATE subsidies_paidvisit SET units = 1",
    ):
        with breaks("settlement_stays_frozen"):
            run_sql(change)


def stand_in(*tables: str) -> None:
    """Put a temporary table, which any role may make, in front of each of these, for plans that are made anew."""
    for table in tables:
        run_sql(f"CREATE TEMP TABLE subsidies_{table} AS TABLE public.subsidies_{table} WITH NO DATA")
    run_sql("DISCARD PLANS")


@pytest.mark.parametrize("change", [one for one in CHANGES if "subsidies_settlement" not in one])
def test_temporary_table_does_not_stand_in_for_the_settlements(
    april_with_reversal: Settlement, as_the_app: None, change: str
) -> None:
    stand_in("settlement")
    with breaks("settlement_stays_frozen"):
        run_sql(change.replace("subsidies_", "public.subsidies_", 1))


def test_temporary_tables_do_not_make_a_settlement_add_up(cast: Cast, elder: Elder, as_the_app: None) -> None:
    make_visit(cast.worker, elder, state="valid")
    march = draft(cast.town)
    run_sql("UPDATE subsidies_line SET amount = amount + 1")
    stand_in("line", "paidvisit", "reversal")
    with breaks("settlement_adds_up"):
        run_sql(
            "UPDATE subsidies_settlement SET state = 'approved', total = 0, paid_count = 0, digest = 'x',"
            " assessed_at = now(), approved_at = now(),"
            f" assessed_by_id = '{cast.head.pk}', approved_by_id = '{cast.approver.pk}' WHERE id = '{march.pk}'"
        )


def test_temporary_table_does_not_stand_in_for_the_payments(
    cast: Cast, april_with_reversal: Settlement, as_the_app: None
) -> None:
    make_visit(cast.worker, Elder.objects.get(), at="2025-05-04 09:00", state="valid")
    may = draft(cast.town, "2025-05")
    paid, line = april_with_reversal.reversals.get().paid_visit_id, may.lines.get().pk
    stand_in("paidvisit")
    run_sql("INSERT INTO subsidies_paidvisit SELECT * FROM public.subsidies_paidvisit")
    run_sql("UPDATE subsidies_paidvisit SET amount = 100")
    with breaks("reversal_answers_its_payment"):
        run_sql(
            "INSERT INTO subsidies_reversal (id, paid_visit_id, number, settlement_id, line_id, amount)"
            f" VALUES (gen_random_uuid(), '{paid}', 2, '{may.pk}', '{line}', 100)"
        )


HELD_TWICE = {"UPDATE subsidies_reversal SET amount = 0", "DELETE FROM subsidies_paidvisit"}
"""By an ordinary constraint as well."""


@pytest.mark.parametrize("change", sorted(set(CHANGES) - HELD_TWICE))
def test_the_same_changes_would_be_made_without_the_guard(
    april_with_reversal: Settlement, change: str
) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount > 0


def test_frozen_line_without_items_is_not_deleted(
    cast: Cast, april_with_reversal: Settlement, as_the_app: None
) -> None:
    with breaks("settlement_stays_frozen"):
        run_sql("DELETE FROM subsidies_line")
    with breaks("settlement_stays_frozen"):
        run_sql(f"DELETE FROM subsidies_settlement WHERE id = '{april_with_reversal.pk}'")


@pytest.mark.parametrize(
    "table", ["settlement", "line", "paidvisit", "unpaidvisit", "reversal", "withholding"]
)
def test_tables_of_money_are_never_truncated(frozen_march: Settlement, as_the_app: None, table: str) -> None:
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    with breaks("never_truncated"):
        run_sql(f"TRUNCATE subsidies_{table} CASCADE")


def test_frozen_settlement_may_only_be_paid_out(frozen_march: Settlement, as_the_app: None) -> None:
    run_sql("UPDATE subsidies_settlement SET state = 'closed'")
    with breaks("settlement_stays_frozen"):
        run_sql("UPDATE subsidies_settlement SET state = 'approved'")


def test_new_rows_do_not_enter_a_frozen_settlement(
    cast: Cast, elder: Elder, frozen_march: Settlement, as_the_app: None
) -> None:
    march, visit = frozen_march.pk, make_visit(cast.worker, elder, at="2025-03-20 09:00", state="valid")
    line = frozen_march.lines.get().pk
    for statement in (
        "INSERT INTO subsidies_paidvisit (visit_id, settlement_id, line_id, village_code, started_at, mode, risk_class,"
        f" units, amount, beyond_minimum, late_report) VALUES ('{visit.pk}', '{march}', '{line}', '', now(), 'home', 'C',"
        " 1, 3.50, false, false)",
        f"INSERT INTO subsidies_unpaidvisit (visit_id, settlement_id, reason) VALUES ('{visit.pk}', '{march}', 'late')",
        "INSERT INTO subsidies_withholding (id, settlement_id, worker_id, by_id, reason, at)"
        f" VALUES ('{uuid4()}', '{march}', '{cast.worker.pk}', '{cast.head.pk}', 'x', now())",
    ):
        with breaks("settlement_stays_frozen"):
            run_sql(statement)


def test_rows_do_not_move_into_a_frozen_settlement(
    cast: Cast, elder: Elder, frozen_march: Settlement, as_the_app: None
) -> None:
    make_visit(cast.worker, elder, at="2025-04-04 09:00", state="invalid")
    april = draft(cast.town, "2025-04")
    with breaks("settlement_stays_frozen"):
        run_sql(
            f"UPDATE subsidies_unpaidvisit SET settlement_id = '{frozen_march.pk}' WHERE settlement_id = '{april.pk}'"
        )


def test_item_lies_in_the_settlement_of_its_line(cast: Cast, elder: Elder, as_the_app: None) -> None:
    for month in ("2025-03", "2025-04"):
        make_visit(cast.worker, elder, at=f"{month}-04 09:00", state="valid")
    march, april = draft(cast.town), draft(cast.town, "2025-04")
    with connection.cursor() as cursor, breaks("item_lies_in_its_line"):
        cursor.execute(
            "DELETE FROM subsidies_paidvisit WHERE settlement_id = %s RETURNING visit_id", [march.pk]
        )
        (visit,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO subsidies_paidvisit (visit_id, settlement_id, line_id, village_code, started_at, mode,"
            " risk_class, units, amount, beyond_minimum, late_report)"
            " VALUES (%s, %s, %s, '', now(), 'home', 'C', 1, 3.50, false, false)",
            [visit, march.pk, april.lines.get().pk],
        )


@pytest.mark.parametrize("moved", ["line_id", "settlement_id"])
def test_item_does_not_move_to_the_line_of_another_settlement(
    cast: Cast, elder: Elder, as_the_app: None, moved: str
) -> None:
    for month in ("2025-03", "2025-04"):
        make_visit(cast.worker, elder, at=f"{month}-04 09:00", state="valid")
    march, april = draft(cast.town), draft(cast.town, "2025-04")
    to = april.lines.get().pk if moved == "line_id" else april.pk
    with connection.cursor() as cursor, breaks("item_lies_in_its_line"):
        cursor.execute(
            f"UPDATE subsidies_paidvisit SET {moved} = %s WHERE settlement_id = %s", [to, march.pk]
        )


def test_reversal_lies_in_the_settlement_of_its_line(
    cast: Cast, april_with_reversal: Settlement, as_the_app: None
) -> None:
    make_visit(cast.worker, Elder.objects.get(), at="2025-05-04 09:00", state="valid")
    may, june = draft(cast.town, "2025-05"), draft(cast.town, "2025-06")
    paid = april_with_reversal.reversals.get().paid_visit_id
    with connection.cursor() as cursor, breaks("item_lies_in_its_line"):
        cursor.execute(
            "INSERT INTO subsidies_reversal (id, paid_visit_id, number, settlement_id, line_id, amount)"
            " VALUES (gen_random_uuid(), %s, 2, %s, %s, 3.50)",
            [paid, june.pk, may.lines.get().pk],
        )


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM subsidies_reversal WHERE number = 1",
        "UPDATE subsidies_reversal SET paid_visit_id = '{other}' WHERE number = 1",
    ],
)
def test_reversal_does_not_go_from_under_a_later_one(
    cast: Cast, elder: Elder, as_the_app: None, change: str
) -> None:
    false, other = (
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid") for day in (4, 5)
    )
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    review(false, "invalid")
    draft(cast.town, "2025-04")
    make_visit(cast.worker, elder, at="2025-05-04 09:00", state="valid")
    run_sql(
        "INSERT INTO subsidies_reversal (id, paid_visit_id, number, settlement_id, line_id, amount) SELECT"
        f" gen_random_uuid(), '{false.pk}', 2, settlement_id, id, 3.50 FROM subsidies_line"
        f" WHERE settlement_id = '{draft(cast.town, '2025-05').pk}'"
    )
    with breaks("reversals_leave_no_gap"):
        run_sql(change.format(other=other.pk))
    run_sql("DELETE FROM subsidies_reversal")  # all of them, or the last, may go


@pytest.mark.parametrize(
    "before",
    [
        "UPDATE subsidies_line SET amount = amount + 1",
        "UPDATE subsidies_paidvisit SET amount = amount + 1",
        "UPDATE subsidies_settlement SET total = total + 1",
        "UPDATE subsidies_settlement SET paid_count = paid_count + 1",
    ],
)
def test_what_does_not_add_up_is_not_approved_by_sql_either(
    cast: Cast, elder: Elder, as_the_app: None, before: str
) -> None:
    make_visit(cast.worker, elder, state="valid")
    march = draft(cast.town)
    run_sql(before)
    with breaks("settlement_adds_up"):
        run_sql(
            "UPDATE subsidies_settlement SET state = 'approved', digest = 'x', assessed_at = now(), approved_at = now(),"
            f" assessed_by_id = '{cast.head.pk}', approved_by_id = '{cast.approver.pk}' WHERE id = '{march.pk}'"
        )


def test_visit_is_paid_once_whoever_says_so(
    cast: Cast, elder: Elder, frozen_march: Settlement, as_the_app: None
) -> None:
    april = draft(cast.town, "2025-04")
    with breaks("subsidies_paidvisit_pkey"):
        run_sql(
            "INSERT INTO subsidies_paidvisit (visit_id, settlement_id, line_id, village_code, started_at, mode, risk_class,"
            f" units, amount, beyond_minimum, late_report) SELECT visit_id, '{april.pk}', line_id, '', now(), 'home', 'C',"
            " 1, 3.50, false, false FROM subsidies_paidvisit"
        )
