"""The rows of a sheet of elders, and what became of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    RegistrationForm,
)
from tests.cast import VILLAGE
from tests.factories import id_number, read_rows
from visitcare.audit.models import Event
from visitcare.org.models import Division

NUMBER = id_number(date(1950, 5, 1))
REGISTERED = date(2025, 1, 6)
Row = dict[str, object]


def elder(**changes: object) -> Row:
    """A healthy woman of 74 who lives alone: class C."""
    return {
        "户编号": None,
        "姓名*": "马凤英",
        "居民身份证号码*": NUMBER,
        "村(社区)代码*": VILLAGE,
        "村民小组": 1,
        "居住状况*": "独居",
        "能力程度": "能力完好",
        "失智": "否",
        "残疾等级": "无",
        "探访意愿*": "愿意",
        "登记日期*": "2025-01-06",
    } | changes


def other(born: date = date(1951, 6, 1), **changes: object) -> Row:
    """Another person."""
    return elder(**{"姓名*": "陈桂兰", "居民身份证号码*": id_number(born)} | changes)


def counts() -> list[int]:
    return [model.objects.count() for model in (Division, Household, Elder, RegistrationForm, ActivePeriod, ClassPeriod,
                                                Assignment, HouseholdMember, Event)]  # fmt: skip


def stored(name: str = "马凤英") -> Elder:
    return Elder.objects.select_related("household__place").get(name=name)


def classes(name: str = "马凤英") -> list[tuple[date, str, list[str]]]:
    periods = ClassPeriod.objects.filter(elder__name=name).order_by("starts_on")
    return list(periods.values_list("starts_on", "risk_class", "codes"))


def relative(**changes: object) -> Row:
    return {
        "户编号": "H1", "村(社区)代码": VILLAGE, "姓名": "马建新", "性别": "男", "与户主关系": "儿子",
        "居民身份证号码": id_number(date(1975, 1, 1), sex="male"), "健康状况": "健康", "是否同住": "是", "是否经常探访": "是",
    } | changes  # fmt: skip


def on_file() -> list[object]:
    """All that the import writes of people, but for the keys."""
    models = (Elder, RegistrationForm, Assessment, Consent, Household, HouseholdMember, ClassPeriod)
    return [sorted(model.objects.values_list(), key=str) for model in models]


def words_of(load: Callable[..., str], tmp_path: Path, *rows: Row, members: list[Row] | None = None) -> str:
    """What the report of an import says of its last row."""
    report = tmp_path / "verdicts.xlsx"
    load(*rows, options=("--approve", "--report", str(report)), members=members)
    return str(read_rows(report)[-1][3])
