from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from subsidies.models import Line, PaidVisit, Settlement, UnpaidVisit
from tests.cast import TOWN, Cast
from tests.factories import make_elder, make_visit, moment
from visitcare.kit import copying
from visitcare.kit.copying import copy_rows
from visitcare.org.models import Division

FIELDS = ("code", "name", "level", "parent", "path", "active")


def village(code: str, name: str = "东村") -> tuple[object, ...]:
    return (TOWN + code, name, "village", TOWN, f"滨江镇{name}", True)


def test_copy_rows_stores_what_it_is_given(cast: Cast) -> None:
    assert copy_rows(Division, FIELDS, [village("301"), village("302", '西"村,\n北\\村')]) == 2
    stored = Division.objects.filter(code__in=[TOWN + "301", TOWN + "302"]).values_list(*FIELDS)
    assert list(stored) == [village("301"), village("302", '西"村,\n北\\村')]


def test_copy_rows_none_is_null_and_empty_text_is_empty(cast: Cast) -> None:
    assert copy_rows(Division, FIELDS, [("320698", "", "county", None, "", False)]) == 1
    county = Division.objects.get(code="320698")
    assert (county.parent_id, county.name, county.path, county.active) == (None, "", "", False)


def test_copy_rows_uuids_moments_and_decimals(cast: Cast) -> None:
    visit = make_visit(cast.worker, make_elder(cast.group))
    settlement = Settlement.objects.create(
        town=cast.town, month=date(2025, 3, 1), rate=Decimal("3.50"), policy_version=date(2024, 1, 1),
        drafted_at=moment("2025-04-01 08:00"),
    )  # fmt: skip
    line = Line.objects.create(
        settlement=settlement, worker=cast.worker, payee_name="陆桂芳", amount=Decimal("3.50")
    )
    fields = ("visit", "settlement", "line", "village_code", "started_at", "mode", "risk_class", "units", "amount",
              "beyond_minimum", "late_report")  # fmt: skip
    values = (
        visit.pk, settlement.pk, line.pk, visit.village_code, visit.started_at, "home", "", 1, Decimal("3.50"), True, False
    )  # fmt: skip
    copy_rows(PaidVisit, fields, [values])
    assert PaidVisit.objects.values_list(*fields).get() == values


def test_copy_rows_nothing_copies_nothing(cast: Cast) -> None:
    assert copy_rows(UnpaidVisit, ("settlement", "visit", "reason"), []) == 0


def test_copy_rows_in_several_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BATCH", 2)
    assert copy_rows(Division, FIELDS, (village(f"3{n:02}") for n in range(5))) == 5
    assert Division.objects.filter(code__startswith=TOWN + "3").count() == 5


def test_copy_rows_duplicate_raises_and_leaves_nothing(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Division, FIELDS, [village("301"), village("301")])
    assert Division.objects.filter(code=TOWN + "301").count() == 0


def test_copy_rows_holds_the_checks_of_the_table(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Division, FIELDS, [("32069910130", "短码", "village", TOWN, "", True)])


def test_copy_rows_unknown_reference_is_refused(cast: Cast) -> None:
    save = transaction.savepoint()
    copy_rows(UnpaidVisit, ("settlement", "visit", "reason"), [(uuid4(), uuid4(), "late")])
    with pytest.raises(IntegrityError):
        connection.check_constraints()
    transaction.savepoint_rollback(save)
