"""Days, ISO weeks and calendar months of Asia/Shanghai, whatever zone the process or the phone is in."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)


def today() -> date:
    """The day it is now in Shanghai."""
    return local_day(timezone.now())


def local_day(moment: datetime) -> date:
    """The day in Shanghai of an aware moment; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone")  # astimezone() would guess the zone of the process
    return moment.astimezone(SHANGHAI).date()


def next_monday(day: date) -> date:
    """The first Monday strictly after the day."""
    return day + timedelta(days=7 - day.weekday())


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, Monday 00:00 to Sunday 24:00 (domain.md §2); compares by its Monday."""

    monday: date

    def __post_init__(self) -> None:
        _require_plain_date(self.monday)
        if self.monday.weekday() != 0:
            raise ValueError(f"{self.monday} is not a Monday")

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The week of "2026-W48"; ValueError in Chinese for another text or a week 53 the year lacks."""
        found = re.fullmatch(r"([12][0-9]{3})-W([0-9]{2})", text.strip().upper())
        if not found:
            raise ValueError(f"“{text[:20]}”不是周次，请写成“年-W周”，例如 2026-W48")
        year, week = int(found[1]), int(found[2])
        try:
            return cls(date.fromisocalendar(year, week, 1))
        except ValueError:
            raise ValueError(f"{year} 年没有第 {week} 周，请改正周次") from None

    @property
    def label(self) -> str:
        """As in "2026-W48"; the year is that of the week's Thursday."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def words(self) -> str:
        """As in "11月23日—11月29日"."""
        return f"{self.monday.month}月{self.monday.day}日—{self.sunday.month}月{self.sunday.day}日"

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days, Monday first."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))

    @property
    def next(self) -> Self:
        return type(self)(self.monday + timedelta(days=7))

    @property
    def previous(self) -> Self:
        return type(self)(self.monday - timedelta(days=7))

    @property
    def opens_at(self) -> datetime:
        """Monday 00:00 in Shanghai."""
        return midnight(self.monday)

    @property
    def ends_at(self) -> datetime:
        """The Monday 00:00 after it, the first moment that is no longer within it."""
        return midnight(self.monday + timedelta(days=7))

    @property
    def timely_until(self) -> datetime:
        """The Tuesday 00:00 after it: what is received before that is not late (domain.md §3)."""
        return midnight(self.monday + timedelta(days=8))

    def has(self, moment: datetime) -> bool:
        """Whether an aware moment lies within the week."""
        return self.monday <= local_day(moment) <= self.sunday


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; compares by its first day."""

    first: date

    def __post_init__(self) -> None:
        _require_plain_date(self.first)
        if self.first.day != 1:
            raise ValueError(f"{self.first} is not the first of a month")

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.replace(day=1))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month of "2026-10"; ValueError in Chinese for another text."""
        found = re.fullmatch(r"([12][0-9]{3})-(0[1-9]|1[0-2])", text.strip())
        if not found:
            raise ValueError(f"“{text[:20]}”不是月份，请写成“年-月”，例如 2026-10")
        return cls(date(int(found[1]), int(found[2]), 1))

    @property
    def label(self) -> str:
        """As in "2026-10"."""
        return f"{self.first.year}-{self.first.month:02}"

    @property
    def words(self) -> str:
        """As in "2026年10月"."""
        return f"{self.first.year}年{self.first.month}月"

    @property
    def last(self) -> date:
        return self.next.first - _DAY

    @property
    def next(self) -> Self:
        return self.of(self.first + timedelta(days=31))

    @property
    def previous(self) -> Self:
        return self.of(self.first - _DAY)

    @property
    def starts_at(self) -> datetime:
        """The first, 00:00 in Shanghai."""
        return midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first of the next month, 00:00: the first moment that is no longer within it."""
        return midnight(self.next.first)

    @property
    def weeks_ending(self) -> tuple[Week, ...]:
        """The weeks whose Sunday is in the month: those its weekly rates count (domain.md §2)."""
        weeks = [Week.of(self.first)]
        while weeks[-1].next.sunday <= self.last:
            weeks.append(weeks[-1].next)
        return tuple(weeks)


def midnight(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def _require_plain_date(day: date) -> None:
    if isinstance(day, datetime):  # its day is that of its own zone, not of Shanghai
        raise TypeError("A day is needed, not a moment; take local_day(moment)")
