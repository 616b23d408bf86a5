"""Row history: what the database keeps by itself of every change, also of mass changes and of SQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections, models, transaction

from elders.actions import pause_elder
from elders.models import ClassPeriod, Consent, Elder, Household, HouseholdMember, RegistrationForm
from subsidies.models import Line, Settlement
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import breaks, draft, id_number, make_elder, make_household, make_visit, review
from visitcare.audit.history import CHANGED, MADE, REMOVED, Change, Entries, RowHistory, changes, former
from visitcare.audit.words import change_words
from visitcare.kit.admin import page_url
from visitcare.org.actions import set_bank_account
from visitcare.org.models import BankAccount, Posting, User
from visitcare.policy.models import PolicyVersion
from visits.actions import review_visits
from visits.models import Visit, VisitedElder

HISTORIES = [model for model in apps.get_models() if issubclass(model, RowHistory)]
PHONE, OTHER_PHONE = "19900061111", "19900062222"
CARD = "6230666000000000018"


def run_sql(statement: str, *arguments: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def set_card(cast: Cast, card: str) -> None:
    set_bank_account(by=cast.head, user=cast.worker, bank="农商行", card=card, since=date(2025, 1, 1))


def changes_of(row: Any, *, most: int) -> list[Change]:
    return changes(row, Entries(row.history.all())[:most])


def told(row: models.Model) -> list[tuple[str, list[str]]]:
    """The history of one row, oldest first: what happened, and the lines of words."""
    return [(entry.label, list(change_words(entry))) for entry in reversed(changes_of(row, most=50))]


def test_what_has_a_history() -> None:
    assert {model._meta.object_name for model in HISTORIES} == {
        f"{name}History"
        for name in (
            *(
                "Household",
                "HouseholdMember",
                "Assignment",
                "DaysOff",
                "StandIn",
                "Elder",
                "RegistrationForm",
                "Assessment",
                "Consent",
                "CarePlan",
                "AssistanceItem",
                "SeriousIllness",
            ),
            *(
                "Residence",
                "Move",
                "ScreeningRound",
                "ScreenedPerson",
                "ActivePeriod",
                "Pause",
                "ClassOverride",
                "ClassPeriod",
                "User",
                "Posting",
                "BankAccount",
                "PolicyVersion",
            ),
            *("Visit", "VisitedElder", "Campaign", "Settlement", "Line", "Withholding"),
        )
    }


@pytest.mark.parametrize("history", HISTORIES, ids=lambda model: model._meta.label)
def test_history_leaves_out_only_what_follows_or_is_no_matter(history: type[models.Model]) -> None:
    kept = {field.name for field in history._meta.local_fields}
    left_out = {
        field.name
        for field in history.pgh_tracked_model._meta.local_fields
        if field.name not in kept  # type: ignore[attr-defined]
    }
    derived = {
        "HouseholdHistory": {"village_code"},
        "ScreenedPersonHistory": {"village_code"},
        "ClassPeriodHistory": {"computed_class"},
    }.get(history._meta.object_name or "", set())
    advice = {"suggestions"} if history._meta.object_name == "ClassPeriodHistory" else set()
    indexes = {name for name in left_out if name.endswith(("_index", "_tail"))}
    of_user = {"password", "last_login", "big_text"} if history._meta.object_name == "UserHistory" else set()
    assert left_out == derived | indexes | of_user | advice


def test_saving_says_what_was_and_what_became(cast: Cast) -> None:
    elder = make_elder(cast.group, phone=PHONE)
    elder.phone, elder.name = OTHER_PHONE, "马凤英（改）"
    elder.save()
    elder.phone = ""
    elder.save(update_fields=["phone"])
    assert told(elder)[-2:] == [
        (CHANGED, ["姓名：马凤英 → 马凤英（改）", "联系电话：199****1111 → 199****2222"]),
        (CHANGED, ["联系电话：199****2222 → （空）"]),
    ]


def test_mass_changes_leave_an_entry_a_row(cast: Cast) -> None:
    homes = [make_household(cast.group, address=f"{number}号") for number in range(40)]
    Household.objects.filter(pk__in=[home.pk for home in homes]).update(address="拆迁")
    for home in homes:
        home.number = f"H{home.pk.hex[:6]}"
    Household.objects.bulk_update(homes, ["number"])
    assert former(Household, pgh_label=CHANGED).count() == 80
    Household.objects.filter(pk__in=[home.pk for home in homes]).delete()
    assert former(Household, pgh_label=REMOVED).count() == 40


def test_change_that_changes_nothing_leaves_none(cast: Cast) -> None:
    home = make_household(cast.group, address="1号")
    home.save()
    Household.objects.filter(pk=home.pk).update(address="1号")
    assert told(home) == [(MADE, ["新建"])]


SQL = (
    ("elders_elder", "status = 'closed', closed_on = '2025-03-01', close_reason = 'died'", Elder),
    ("elders_household", "address = '别处'", Household),
    ("elders_classperiod", "codes = '{A1}'", ClassPeriod),
    ("visits_visit", "started_at = started_at - interval '1 day'", Visit),
    ("visits_visitedelder", "countable = NOT countable", VisitedElder),
    ("subsidies_settlement", "town_name = '别的镇'", Settlement),
    ("subsidies_line", "card = 'x'", Line),
    ("org_user", "is_active = NOT is_active", User),
    ("org_user", "password = 'x'", User),
    ("org_posting", "ends_on = '2030-01-01'", Posting),
    ("org_bankaccount", "bank = '别的银行'", BankAccount),
    ("policy_policyversion", "note = '悄悄改的'", PolicyVersion),
)


@pytest.mark.parametrize(
    ("table", "change", "model"), SQL, ids=[f"{table}-{change[:12]}" for table, change, _ in SQL]
)
def test_sql_leaves_its_entries(cast: Cast, table: str, change: str, model: type[models.Model]) -> None:
    set_card(cast, CARD)
    make_visit(cast.worker, make_elder(cast.group), state="valid")
    draft(cast.town)
    before = former(model, pgh_label=CHANGED).count()
    rows = model._base_manager.count()
    assert rows
    run_sql(f"UPDATE {table} SET {change}")
    assert former(model, pgh_label=CHANGED).count() == before + rows


def test_temporary_table_does_not_take_the_entries(cast: Cast) -> None:
    home = make_household(cast.group, address="1号")
    run_sql("CREATE TEMP TABLE elders_householdhistory AS TABLE public.elders_householdhistory WITH NO DATA")
    run_sql("DISCARD PLANS")
    run_sql("UPDATE elders_household SET address = '别处'")
    run_sql("DROP TABLE pg_temp.elders_householdhistory")
    assert told(home) == [(MADE, ["新建"]), (CHANGED, ["居住地址：1号 → 别处"])]


@pytest.mark.parametrize(
    ("before", "after", "entries"),
    [
        ("k1:a", "k2:b", 0),
        ("k9:a", "k10:b", 0),
        ("main:a", "k1:b", 0),
        ("k1:a", "k1:b", 1),
        ("k2:a", "k1:b", 1),
        ("k1:a", "main:b", 1),
        ("k1:a", "k2", 1),
        ("k1:a", "", 1),
        ("", "k1:a", 1),
    ],
)
def test_only_a_newer_key_is_no_change(cast: Cast, before: str, after: str, entries: int) -> None:
    """A change of key writes encrypted columns anew, upwards; what they say is the same."""
    set_card(cast, CARD)
    run_sql("UPDATE org_bankaccount SET card = %s", before)
    so_far = former(BankAccount).count()
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    run_sql("UPDATE org_bankaccount SET card = %s", after)
    assert former(BankAccount).count() == so_far + entries


def test_new_key_without_the_change_of_key_is_a_change(cast: Cast) -> None:
    set_card(cast, CARD)
    run_sql("UPDATE org_bankaccount SET card = 'k2:x'")
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    run_sql("UPDATE org_bankaccount SET card = 'k3:x', bank = '别的银行'")
    assert former(BankAccount, pgh_label=CHANGED).count() == 2


def test_card_of_another_leaves_its_entry_whatever_is_set(cast: Cast) -> None:
    set_card(cast, CARD)
    set_bank_account(
        by=cast.head, user=cast.visitor, bank="农商行", card="6230666000000000026", since=date(2025, 1, 1)
    )
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    run_sql(
        "UPDATE org_bankaccount SET card = (SELECT card FROM org_bankaccount WHERE user_id = %s) WHERE user_id = %s",
        cast.visitor.pk,
        cast.worker.pk,
    )
    account = cast.worker.bank_accounts.get()
    assert account.card == "6230666000000000026"
    assert told(account)[-1] == (CHANGED, ["卡号：**** 0018 → **** 0026"])


def test_history_takes_a_newer_key_and_no_other_number(cast: Cast) -> None:
    set_card(cast, CARD)
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    for refused in ("k1:x", "", "x"):
        with breaks("history_stays"):
            run_sql("UPDATE org_bankaccounthistory SET card = %s", refused)
    run_sql("UPDATE org_bankaccounthistory SET card = 'k2:x'")


@pytest.mark.parametrize("history", HISTORIES, ids=lambda model: model._meta.label)
def test_history_stays(db: None, history: type[models.Model]) -> None:
    table = history._meta.db_table
    insert_one(history)
    for statement in (f"UPDATE {table} SET pgh_label = 'x'", f"DELETE FROM {table}"):
        with breaks("history_stays"):
            run_sql(statement)
    with breaks("never_truncated"):
        run_sql(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table}")
    run_sql("SET LOCAL visitcare.rekeying = 'on'")
    with breaks("history_stays"):
        run_sql(f"UPDATE {table} SET pgh_label = 'x'")


def insert_one(history: type[models.Model]) -> None:
    """An entry with nothing in it, for the guards do not look."""
    columns = [
        field.column for field in history._meta.local_fields if field.null is False and not field.primary_key
    ]
    with connection.cursor() as cursor:
        for field in history._meta.local_fields:
            if field.column in columns and field.column not in ("transaction", "database_user"):
                cursor.execute(f'ALTER TABLE {history._meta.db_table} ALTER "{field.column}" DROP NOT NULL')
        cursor.execute(f"INSERT INTO {history._meta.db_table} DEFAULT VALUES")


@pytest.mark.parametrize(
    ("trigger", "change"),
    [
        ("pgtrigger_update_update", "UPDATE elders_household SET address = '别处'"),
        ("pgtrigger_append_only", "UPDATE audit_event SET words = 'x'"),
    ],
)
def test_switch_of_the_trigger_library_switches_nothing(cast: Cast, trigger: str, change: str) -> None:
    make_household(cast.group)
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname) FROM pg_trigger WHERE starts_with(tgname, %s)", [trigger])
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [str(cursor.fetchone()[0])])
    if "audit_event" in change:
        with pytest.raises(Exception, match="Cannot update or delete"):
            run_sql(change)
    else:
        run_sql(change)
        assert former(Household, pgh_label=CHANGED).exists()


def test_of_an_act_on_many_only_what_is_about_the_row_is_told(cast: Cast) -> None:
    """All of this is one transaction, as an import is."""
    elders = [make_elder(cast.group, name=name) for name in ("马凤英", "袁桂兰")]
    events = changes_of(elders[0], most=1)[0].events
    assert {event.about_label for event in events} == {"马凤英"}
    assert events[0].verb == "register_elder"
    assert list(events) == sorted(events, key=lambda event: event.at)
    visits = [make_visit(cast.worker, elder) for elder in elders]
    review_visits(
        by=cast.reviewer, visits=Visit.objects.filter(pk__in=[one.pk for one in visits]), state="valid"
    )
    assert len(changes_of(visits[0], most=1)[0].events) == 1


@pytest.mark.django_db(transaction=True)
def test_entry_is_told_with_the_act_of_its_transaction(cast: Cast) -> None:
    elder = make_elder(cast.group)
    pause_elder(
        by=cast.reviewer, elder=elder, starts_on=date(2025, 3, 1), ends_on=date(2025, 3, 9), reason="hospital"
    )
    run_sql("UPDATE elders_elder SET name = '别人' WHERE id = %s", elder.pk)
    by_sql, paused = changes_of(elder, most=2)
    assert [(event.verb, event.actor_name) for event in paused.events] == [("pause_elder", "顾敏")]
    assert list(change_words(paused)) == ["状态：在册 → 暂停"]
    assert by_sql.events == ()
    assert by_sql.database_user == connection.settings_dict["USER"]
    page = Desk(cast.auditor).page(elder)
    assert "姓名：马凤英 → 别人" in page
    assert f"不经系统（数据库用户 {by_sql.database_user}）" in page


@pytest.mark.django_db(transaction=True)
def test_entries_follow_each_other_as_they_were_written_not_as_their_transactions_began(cast: Cast) -> None:
    home = make_household(cast.group, address="1号")
    with transaction.atomic():
        run_sql("SELECT now()")  # a long import begins
        with ThreadPoolExecutor(1) as clerk:
            clerk.submit(write_address, home, "2号").result()
            clerk.submit(connections.close_all).result()
        run_sql("UPDATE elders_household SET address = '3号' WHERE id = %s", home.pk)
    imported, written = changes_of(home, most=9)[:2]
    assert list(change_words(written)) == ["居住地址：1号 → 2号"]
    assert list(change_words(imported)) == ["居住地址：2号 → 3号"]
    assert imported.at < written.at


def write_address(home: Household, address: str) -> None:
    Household.objects.filter(pk=home.pk).update(address=address)


def test_part_that_moved_is_compared_with_what_it_was_elsewhere(cast: Cast) -> None:
    home, other = (make_household(cast.group, address=f"{number}号") for number in (1, 2))
    member = HouseholdMember.objects.create(household=home, name="马建", relation="子")
    for change in ({"household": other, "name": "马健"}, {"name": "马剑"}):
        HouseholdMember.objects.filter(pk=member.pk).update(**change)
    entries = Entries(former(HouseholdMember, household=home, pgh_label=CHANGED))[:9]
    (moved,) = changes(home, entries)
    assert "姓名：马建 → 马健" in change_words(moved)


def test_what_was_changed_by_sql_is_not_buried_under_changes_of_lines(cast: Cast) -> None:
    """A settlement that is drafted again and again writes its lines anew each time."""
    make_visit(cast.worker, make_elder(cast.group), state="valid")
    settlement = draft(cast.town)
    run_sql("UPDATE subsidies_settlement SET sent_back = '悄悄改的'")
    run_sql("UPDATE subsidies_settlement SET sent_back = ''")
    for count in range(1, 65):
        run_sql("UPDATE subsidies_line SET home_count = home_count + %s", count)
    desk, address = Desk(cast.auditor), page_url(settlement)
    first, second, last = (desk.open(f"{address}?parts={page}").content.decode() for page in ("", "2", "3"))
    assert all("退回原因：悄悄改的 → （空）" in page for page in (first, second, last))
    assert "这里是最近 30 条，一共 64 条。" in first
    assert 'href="?parts=2#parts"' in first
    assert "这里是第 31—60 条，一共 64 条。" in second
    assert 'href="?parts=3#parts"' in second
    assert "上门次数：1 → 2" in last
    assert "上门次数：1 → 2" not in first + second
    assert 'href="?#parts"' in last
    for nonsense in ("0", "99", "x", "-1", "2 "):
        assert desk.client.get(address, {"parts": nonsense, "history": nonsense}).status_code == 200


def test_all_of_a_long_history_can_be_read(cast: Cast) -> None:
    home = make_household(cast.group, address="0号")
    for number in range(1, 41):
        write_address(home, f"{number}号")
    desk = Desk(cast.auditor)
    first, second = (desk.open(f"{page_url(home)}?history={page}").content.decode() for page in (1, 2))
    assert "居住地址：39号 → 40号" in first
    assert "居住地址：10号 → 11号" in first
    assert "居住地址：9号 → 10号" in second
    assert "居住地址：0号 → 1号" in second


def test_entries_of_several_kinds_of_parts_are_merged_by_time(cast: Cast) -> None:
    elder = make_elder(cast.group)
    entries = Entries(*(former(model, elder=elder) for model in (RegistrationForm, Consent, ClassPeriod)))
    run_sql("ALTER TABLE elders_consenthistory DISABLE TRIGGER USER")
    run_sql("UPDATE elders_consenthistory SET pgh_created_at = pgh_created_at + interval '1 hour'")
    whole = entries[:99]
    assert len(whole) == entries.count() > 2
    assert type(whole[0]).__name__ == "ConsentHistory"
    assert [*entries[:2], *entries[2:4]] == whole[:4]
    assert {change.model for change in changes(elder, whole)} == {RegistrationForm, Consent}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"pay_unit": "contact"}, {"pay_unit": "elder"}, "按什么计酬 按次（一户一次） → 按什么计酬 按人"),
        ({"late_unpaid": True}, {"late_unpaid": False}, "录入太晚的不计酬 是 → 录入太晚的不计酬 否"),
        ({"a_weekly": [2, 2]}, {"a_weekly": [2]}, "A类每周至少（上门、电话或视频） 上门 2 次，电话或视频 2 次 → a_weekly [2]"),
        ({}, {"new": True}, "（空） → new 是"),
        ({}, {"a_weekly": True}, "（空） → A类每周至少（上门、电话或视频） 是"),
    ],
)  # fmt: skip
def test_settings_are_told_in_words(
    cast: Cast, before: dict[str, object], after: dict[str, object], words: str
) -> None:
    version = PolicyVersion.objects.create(
        series="pay", effective_from=date(2027, 1, 1), values=before, drafted_by=cast.officer
    )
    PolicyVersion.objects.filter(pk=version.pk).update(values=after)
    assert told(version)[-1] == (CHANGED, [f"参数：{words}"])


def test_yes_and_no_are_told_in_words(cast: Cast) -> None:
    run_sql("UPDATE org_user SET is_active = false WHERE id = %s", cast.worker.pk)
    assert told(cast.worker)[-1] == (CHANGED, ["启用：是 → 否"])
    visit = make_visit(cast.worker, make_elder(cast.group))
    Visit.objects.filter(pk=visit.pk).update(notes=[True])
    Visit.objects.filter(pk=visit.pk).update(notes={"health": "好"})
    assert [lines for _, lines in told(visit)] == [["情况：（空） → 是"], ["情况：是 → 身体和精神 好"]]


def test_what_a_visit_found_is_told_in_words(cast: Cast) -> None:
    visit = make_visit(cast.worker, make_elder(cast.group), notes={"health": "头晕", "remark": "下雨"})
    Visit.objects.filter(pk=visit.pk).update(notes={"health": "好", "remark": "下雨"})
    assert told(visit)[-1] == (CHANGED, ["情况：身体和精神 头晕 → 身体和精神 好"])


def test_verdict_is_told_in_words(cast: Cast) -> None:
    elder = make_elder(cast.group, birth_date=date(1940, 5, 1))
    (period,) = elder.class_periods.all()
    changed = {"in_scope": False, "categories": ["advanced_age"], "rules": [], "missing": ["dementia"]}
    ClassPeriod.objects.filter(pk=period.pk).update(verdict={**period.verdict, **changed})
    (words,) = told(period)[-1][1]
    was, became = (set(side.split("，")) for side in words.removeprefix("判定：").split(" → "))
    assert {"在探访范围 是", "对象类型 独居老人、高龄老人", "因为 84 岁；一个人住"} <= was
    assert became == {"在探访范围 否", "对象类型 高龄老人", "因为 无", "缺的资料 是否失智"}


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_json_of_history_has_words(model: type[models.Model]) -> None:
    told = {field.name for field in model._meta.local_fields if isinstance(field, models.JSONField)}
    kept = told if hasattr(model, "history") else set()
    assert set(getattr(model, "json_words", {})) == kept


@pytest.mark.parametrize("history", HISTORIES, ids=lambda model: model._meta.label)
def test_history_is_listed_to_nobody(cast: Cast, history: type[models.Model]) -> None:
    insert_one(history)
    rows: Any = history._default_manager.all()
    assert rows.exists()
    assert not any(rows.visible_to(person).exists() for person in cast.everybody().values())


def test_history_is_for_readers_of_the_audit_of_that_place_and_for_whoever_keeps_the_registry(
    cast: Cast,
) -> None:
    elder = make_elder(cast.group)
    visit = make_visit(cast.worker, elder)
    review(visit, "valid")
    settlement = draft(cast.town)
    rows: tuple[models.Model, ...] = (elder, elder.household, visit, settlement)
    sees = {
        name: ["数据的历史" in Desk(getattr(cast, name)).page(row) for row in rows]
        for name in ("reviewer", "head", "officer", "auditor")
    }
    assert sees == {
        "reviewer": [True, True, False, False],  # they work with the registry
        "head": [True] * 4,
        "officer": [True] * 4,
        "auditor": [True] * 4,
    }
    assert "数据的历史" in Desk(cast.auditor).page(cast.worker)
    assert "数据的历史" in Desk(cast.auditor).page(PolicyVersion.objects.all()[0])


def test_no_number_in_full_on_the_page(cast: Cast) -> None:
    number, other = id_number(date(1950, 5, 1)), id_number(date(1950, 5, 1))
    elder = make_elder(cast.group, number=number, phone=PHONE)
    elder.id_number, elder.phone = other, OTHER_PHONE
    elder.save()
    page = Desk(cast.auditor).page(elder)
    assert f"{number[:4]}**********{number[-4:]} → {other[:4]}**********{other[-4:]}" in page
    assert not [text for text in (number, other, PHONE, OTHER_PHONE) if text in page]


def test_events_of_before_a_restore_are_not_taken_for_those_of_now(cast: Cast) -> None:
    """Transactions are numbered anew in a restored database."""
    elder = make_elder(cast.group)
    entry: Change = changes_of(elder, most=1)[0]
    assert entry.events
    run_sql("SET LOCAL visitcare.flush = 'on'")
    run_sql(
        "ALTER TABLE audit_event DISABLE TRIGGER USER; UPDATE audit_event SET at = at - interval '30 days'"
    )
    assert changes_of(elder, most=1)[0].events == ()


def test_event_of_after_a_restore_does_not_hide_that_of_its_time(cast: Cast) -> None:
    """An act on many, which has no event about the row; its number came again in the restored database."""
    home = make_household(cast.group)
    run_sql("ALTER TABLE audit_event DISABLE TRIGGER USER; UPDATE audit_event SET about_id = 'of many'")
    told_then = changes_of(home, most=1)[0].events
    assert len(told_then) == 1
    again = make_household(cast.group)
    run_sql("UPDATE audit_event SET at = at + interval '30 days' WHERE about_id = %s", str(again.pk))
    assert changes_of(home, most=1)[0].events == told_then


def test_acts_of_one_number_are_told_apart(cast: Cast) -> None:
    home = make_household(cast.group)
    event = changes_of(home, most=1)[0].events[0]
    run_sql("ALTER TABLE elders_householdhistory DISABLE TRIGGER USER")
    run_sql("UPDATE elders_householdhistory SET pgh_created_at = pgh_created_at - interval '30 days'")
    run_sql("UPDATE elders_household SET address = '别处'")
    assert [one.events for one in changes_of(home, most=2)] == [(event,), ()]
