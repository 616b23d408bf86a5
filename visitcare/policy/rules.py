"""The dated readings of the notice (the P of domain.md) as plain values that rules take as arguments.

The defaults stand here once: they seed the table's first versions and serve `classify`, which needs no database.
"""

from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Self

from visitcare.kit.money import yuan

FIRST_VERSION = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Values:
    """What every series shares: the day a version starts, and its way to and from JSON."""

    effective_from: date = FIRST_VERSION

    @property
    def version(self) -> str:
        return self.effective_from.isoformat()

    def to_json(self) -> dict[str, Any]:
        plain = asdict(self)
        del plain["effective_from"]
        return {
            name: str(value)
            if isinstance(value, Decimal)
            else sorted(value)
            if isinstance(value, frozenset)
            else value
            for name, value in plain.items()
        }

    @classmethod
    def from_json(cls, effective_from: date, stored: dict[str, Any]) -> Self:
        """Fields a stored version does not name take today's default; unknown names raise ValueError."""
        known = {field.name: field for field in fields(cls) if field.name != "effective_from"}
        unknown = set(stored) - set(known)
        if unknown:
            raise ValueError(f"不认识的政策参数：{'、'.join(sorted(unknown))}。请检查参数名称。")
        read: dict[str, Any] = {}
        for name, value in stored.items():
            default = known[name].default
            if isinstance(default, Decimal):
                read[name] = Decimal(str(value))  # 3.6 stored as a number is not its binary neighbour
            elif isinstance(default, frozenset):
                read[name] = frozenset(value)
            elif isinstance(default, tuple):
                read[name] = tuple(value)
            else:
                read[name] = value
        return cls(effective_from=effective_from, **read)


@dataclass(frozen=True, slots=True)
class CarePolicy(Values):
    """Classes, frequency and review; a version starts on a Monday.

    The frequencies are (home visits, phone or video greetings) a week, notice part 3.
    """

    a_weekly: tuple[int, int] = (2, 2)
    b_weekly: tuple[int, int] = (1, 1)
    c_weekly: tuple[int, int] = (0, 1)
    kin_in_county_breaks_alone: bool = True
    semi_disabled: frozenset[str] = frozenset({"mild"})
    surplus_home_covers_phone: bool = True
    family_answer_needs_unable: bool = True
    auto_accept_hours: int = 24
    spot_check_percent: int = 5
    day_starts_hour: int = 6
    day_ends_hour: int = 21
    burst_minutes: int = 5
    far_metres: int = 1000
    top_speed_kmh: int = 60
    photo_days: int = 365
    alert_hours_a: int = 24
    alert_hours_b: int = 48
    alert_hours_c: int = 168

    def weekly(self, risk_class: str) -> tuple[int, int]:
        """(home visits, greetings) an elder of this class is owed in a week."""
        return {"A": self.a_weekly, "B": self.b_weekly, "C": self.c_weekly}[risk_class]

    def alert_hours(self, risk_class: str) -> int:
        """Hours after a failed contact without any success until somebody is alerted."""
        return {"A": self.alert_hours_a, "B": self.alert_hours_b}.get(risk_class, self.alert_hours_c)


@dataclass(frozen=True, slots=True)
class PayPolicy(Values):
    """What a visit is paid; a version starts on the first of a month (notice part 4).

    `pay_unit`: contact (one door or one call) or elder. `pay_cap`: none, weekly_minimum (per elder and kind), or
    a number: the most paid contacts of an elder in a week.
    """

    rate: Decimal = Decimal("3.50")
    pay_unit: str = "contact"
    per_day: int = 1
    pay_cap: str = "none"
    late_unpaid: bool = True
    public_notice_days: int = 7

    def __post_init__(self) -> None:
        """Raise ValueError unless the rate is whole fen: what so many contacts come to is then never rounded."""
        if self.rate != yuan(self.rate) or self.rate <= 0:
            raise ValueError(f"补贴标准应大于 0，最多两位小数，例如 3.50；写的是 {self.rate}。")


SERIES: dict[str, type[Values]] = {"care": CarePolicy, "pay": PayPolicy}
