"""The demo county: all its parts in their order, in one transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from elders.models import ClassPeriod, Elder
from visitcare.audit.actions import record
from visitcare.audit.models import Event
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.contacts import Diary
from visitcare.console.demo.fates import Fates
from visitcare.console.demo.faults import Faults, highlight
from visitcare.console.demo.households import Builder, Home
from visitcare.console.demo.living import furnish
from visitcare.console.demo.money import settle_months
from visitcare.console.demo.papers import Papers
from visitcare.console.demo.places import Places, load_places
from visitcare.console.demo.recipes import RECIPES
from visitcare.console.demo.records import record_contacts
from visitcare.console.demo.referrals import write_referrals
from visitcare.console.demo.registry import write_changes, write_registry
from visitcare.console.demo.staff import LOGINS, make_staff
from visitcare.kit.weeks import Month, Week, today
from visitcare.org.models import Posting, User
from visits.actions import close_weeks, open_week
from visits.models import Obligation, Visit

VERB = "load_demo"
_LOCK = 2024_0012
"""One load at a time: a second one waits, and then finds the county there."""
Tell = Callable[[str], None]


class DemoRefused(ValueError):
    """Why the demo is not loaded here, in words."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a newcomer signs in with, and who that is."""

    login: str
    mobile: str
    name: str
    role: str
    place: str


def accounts() -> list[Account]:
    """The accounts of the demo that are loaded, in their own order; a person with two postings is told once."""
    found: dict[str, Account] = {}
    postings = Posting.objects.filter(user__login__in=LOGINS).select_related("user", "place").order_by("role")
    for posting in postings.in_force(today()):
        user, role = posting.user, posting.get_role_display()
        if user.login in found:
            role = f"{found[user.login].role}、{role}"
        found[user.login] = Account(user.login, user.mobile, user.name, role, posting.place.path)
    return [found[login] for login in LOGINS if login in found]


def loaded() -> Event | None:
    """The event of the load, when this database holds the demo."""
    return Event.objects.filter(verb=VERB).first()


def load_demo(*, by: User, elders: int, weeks: int, seed: int, tell: Tell) -> bool:
    """Load the county, or nothing at all; False when it is there already.

    Raise DemoRefused on a database that holds elders who are not the demo's, or accounts in its way.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if loaded():
            return False
        if others := Elder.objects.count():
            raise DemoRefused(
                f"库里已有 {others} 位老人，不是演示数据。演示只能载入空库：请另建一个库，或换一个 VISITCARE_VAR。"
            )
        try:
            with transaction.atomic():
                _County(by, Chance(seed), elders, weeks, tell).load(seed)
        except IntegrityError as error:
            rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
            raise DemoRefused(
                f"库里已有的数据和演示冲突（{rule}），什么都没有载入。演示只能载入空库：请另建一个库。"
            ) from error
    return True


class _County:
    def __init__(self, by: User, chance: Chance, elders: int, weeks: int, tell: Tell) -> None:
        self.by, self.chance, self.elders, self.weeks = by, chance, elders, weeks
        self.papers = Papers(chance)
        self.today = today()
        self.this_week = Week.of(self.today)
        self.first_monday = self.this_week.monday - timedelta(weeks=weeks)
        self._tell, self._clock = tell, time.monotonic()

    def tell(self, words: str) -> None:
        now = time.monotonic()
        self._tell(f"{now - self._clock:5.1f} 秒  {words}")
        self._clock = now

    def load(self, seed: int) -> None:
        places = load_places(by=self.by, chance=self.chance, elders=self.elders)
        self.tell(f"区划：启东市，演示用 {len(places.towns)} 个镇、{len(places.villages)} 个村")
        pay_change = Month.of(self.today).previous.first.replace(day=15)
        self.staff = make_staff(
            self.chance, self.papers, places, first_monday=self.first_monday, pay_change=pay_change
        )
        homes = self._homes(places)
        self.staff.write()
        self.tell(f"人员：{len(self.staff.workers)} 位探访人员，{len(self.staff.users)} 个账号")
        self._registry(homes)
        self._weeks()
        self._visits(homes)
        closed = close_weeks(by=self.by)
        self.tell(f"关闭：{len(closed)} 周")
        settlements = settle_months(
            by=self.by, staff=self.staff, places=places, first_day=self.first_monday, today=self.today
        )
        self.tell(f"结算：{len(settlements)} 份，合计 {sum(one.total for one in settlements)} 元")
        record(
            by=self.by,
            verb=VERB,
            words=f"载入演示县：{Elder.objects.count()} 位老人，{Visit.objects.count()} 条探访记录",
            data={"elders": self.elders, "weeks": self.weeks, "seed": seed},
        )

    def _homes(self, places: Places) -> list[Home]:
        """One household of each kind in the first two groups, where a newcomer looks first; then, by their weight,
        in the other groups in turn."""
        builder = Builder(
            self.chance, self.papers, self.staff, today=self.today, first_monday=self.first_monday
        )
        groups = [
            (town, village, group)
            for town in places.towns
            for village in town.villages
            for group in village.groups
        ]
        homes = [builder.home(recipe, *groups[number % 2]) for number, recipe in enumerate(RECIPES)]
        weights = {number: recipe.weight for number, recipe in enumerate(RECIPES)}
        singles = {
            number: weight for number, weight in weights.items() if len(RECIPES[number].residents) == 1
        }
        missing = self.elders - sum(len(home.people) for home in homes)
        others = groups[2:]
        while missing > 0:
            recipe = RECIPES[self.chance.weighted(weights if missing > 1 else singles)]
            homes.append(builder.home(recipe, *others[len(homes) % len(others)]))
            missing -= len(recipe.residents)
        Fates(self.chance, builder, homes[len(RECIPES) :]).deal()
        for home in homes:
            furnish(self.chance, home)
        return homes

    def _registry(self, homes: list[Home]) -> None:
        facts: dict[str, Any] = {"by": self.by, "staff": self.staff, "homes": homes, "today": self.today}
        write_registry(chance=self.chance, **facts)
        self.tell(f"登记：{len(homes)} 户，{sum(len(home.people) for home in homes)} 位老人")
        write_changes(**facts)
        self.tell(f"分类：{ClassPeriod.objects.count()} 段类别")

    def _weeks(self) -> None:
        """The weeks that are over, this one and the next."""
        week = Week(self.first_monday)
        while week <= self.this_week.next:
            open_week(by=self.by, week=week)
            week = week.next
        self.tell(f"周任务：{self.weeks + 2} 周，{Obligation.objects.count()} 人次")

    def _visits(self, homes: list[Home]) -> None:
        diary = Diary(self.chance, self.staff, homes, today=self.today)
        contacts = diary.write()
        Faults(self.chance, diary).commit()
        highlight(diary, LOGINS[0])
        self.tell(f"探访：{len(contacts)} 次，逐条核对")
        done = record_contacts(
            by=self.by, chance=self.chance, staff=self.staff, contacts=contacts, today=self.today
        )
        write_referrals(
            chance=self.chance,
            staff=self.staff,
            referrals=done.referrals,
            visits=done.visits,
            today=self.today,
        )
        self.tell(f"探访：{len(done.visits)} 条，疑点 {len(done.flags)} 个，转介 {len(done.referrals)} 件")
