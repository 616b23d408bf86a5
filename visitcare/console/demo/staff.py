"""Everybody with an account: workers of every group, cadres, other visitors, and the offices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from visitcare.console.demo.chance import Chance
from visitcare.console.demo.papers import PHONES, Papers
from visitcare.console.demo.places import Places, Town, Village
from visitcare.console.demo.words import BANKS, Names
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import Role

FIRST_DAY = date(2024, 1, 1)
"""When the programme began: most postings run from then on."""
PASSWORD = "Tanfang-2026"  # noqa: S105 (printed for everybody who loads the demo)
LOGINS = (
    "wangge", "cungan", "yisheng", "zhenshenhe", "zhenfuze", "zhenshenhe2", "zhenfuze2", "xiaozhen", "shijingban",
    "shipizhun", "shipizhun2", "shenji", "guanli",
)  # fmt: skip
"""The accounts a newcomer signs in with, in the order in which they are told."""


@dataclass(slots=True, eq=False)
class Worker:
    """A person who visits. `diligence` is the share of the planned contacts they make."""

    user: User
    postings: list[Posting]
    diligence: float

    def serves(self, place_code: str, day: date) -> bool:
        return any(
            place_code.startswith(posting.place_id)
            and posting.starts_on <= day
            and (posting.ends_on is None or day <= posting.ends_on)
            for posting in self.postings
        )


@dataclass(slots=True)
class Staff:
    """Who serves where."""

    of_group: dict[str, list[Worker]] = field(default_factory=lambda: defaultdict(list))
    cadres: dict[str, Worker] = field(default_factory=dict)
    visitors: dict[str, Worker] = field(default_factory=dict)
    reviewers: dict[str, User] = field(default_factory=dict)
    heads: dict[str, User] = field(default_factory=dict)
    approvers: list[User] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    bank_accounts: list[BankAccount] = field(default_factory=list)

    def on_duty(self, group: Division, day: date) -> list[Worker]:
        """Those whose posting to the group is in force; never empty, for the cadre stands in."""
        workers = [worker for worker in self.of_group[group.code] if worker.serves(group.code, day)]
        return workers or [self.cadres[group.code[:12]]]

    @property
    def workers(self) -> list[Worker]:
        in_groups = [worker for workers in self.of_group.values() for worker in workers]
        return [*in_groups, *self.cadres.values(), *self.visitors.values()]

    def write(self) -> None:
        """Everybody at once: the events of 250 single appointments would bury those of the demo's own days."""
        User.objects.bulk_create(self.users)
        Posting.objects.bulk_create(self.postings)
        BankAccount.objects.bulk_create(self.bank_accounts)


def make_staff(
    chance: Chance, papers: Papers, places: Places, *, first_monday: date, pay_change: date
) -> Staff:
    """People for every place. `pay_change` is the day, in mid-month, from which one worker is payable."""
    hiring = _Hiring(chance, papers)
    for town in places.towns:
        for village in town.villages:
            hiring.cadre(village)
            for group in village.groups:
                hiring.grid_workers(group)
    hiring.special_postings(places.villages, first_monday, pay_change)
    hiring.visitors(places.villages)
    hiring.offices(places)
    return hiring.staff


class _Hiring:
    def __init__(self, chance: Chance, papers: Papers) -> None:
        self.chance, self.papers = chance, papers
        self.names = Names(chance)
        self.staff = Staff()
        self.told: set[str] = set()
        # 600,000 rounds of hashing are worth doing once, not once for each account.
        self.password = make_password(PASSWORD)
        self.nobody_knows = make_password(None)

    def person(self, login: str = "", *, born: tuple[int, int] = (1958, 1985)) -> User:
        """With a login of LOGINS somebody can sign in; anybody else's password has yet to be issued."""
        sex = self.chance.pick(("female", "male"))
        birth_date = self.chance.day(date(born[0], 1, 1), date(born[1], 12, 31))
        pk = self.chance.uuid()
        user = User(
            id=pk,
            login=login or f"u{pk.hex[:12]}",
            name=self._name(sex, is_told=bool(login)),
            mobile=f"{PHONES}{LOGINS.index(login) + 1:05}" if login else self.papers.mobile(),
            id_number=self.papers.id_number(birth_date, sex),
            must_change_password=not login,
            password=self.password if login else self.nobody_knows,
        )
        self.staff.users.append(user)
        return user

    def _name(self, sex: str, *, is_told: bool) -> str:
        """No two of the accounts that are told have the same one."""
        while (name := self.names.younger(sex)) in self.told:
            continue
        if is_told:
            self.told.add(name)
        return name

    def post(self, user: User, role: Role, place: Division, starts_on: date = FIRST_DAY) -> Posting:
        posting = Posting(id=self.chance.uuid(), user=user, role=role, place=place, starts_on=starts_on)
        self.staff.postings.append(posting)
        return posting

    def worker(self, role: Role, place: Division, login: str = "", *, starts_on: date = FIRST_DAY) -> Worker:
        user = self.person(login)
        diligence = 0.97 if login else self.chance.weighted({0.99: 6, 0.97: 4, 0.93: 2, 0.75: 1})
        return Worker(user, [self.post(user, role, place, starts_on)], diligence)

    def cadre(self, village: Village) -> None:
        login = "" if self.staff.cadres else "cungan"
        worker = self.worker(Role.VILLAGE_CADRE, village.division, login)
        self.staff.cadres[village.division.code] = worker

    def grid_workers(self, group: Division) -> None:
        """Two a group, mostly; the first group of all has one, whose round a newcomer walks."""
        is_first = not self.staff.of_group
        count = 1 if is_first or self.chance.happens(0.12) else 2
        for _ in range(count):
            self._grid_worker(
                group, "wangge" if is_first else "", payable=is_first or self.chance.happens(0.92)
            )

    def _grid_worker(
        self, group: Division, login: str = "", *, payable: bool = True, starts_on: date = FIRST_DAY
    ) -> Worker:
        worker = self.worker(Role.GRID_WORKER, group, login, starts_on=starts_on)
        worker.postings[0].payable = payable
        self.staff.of_group[group.code].append(worker)
        if login or self.chance.happens(0.97):  # somebody has not handed in a card yet
            self.staff.bank_accounts.append(
                BankAccount(
                    id=self.chance.uuid(),
                    user=worker.user,
                    bank=self.chance.pick(BANKS),
                    card=self.papers.card(right=bool(login) or self.chance.happens(0.94)),
                    since=starts_on,
                )
            )
        return worker

    def special_postings(self, villages: Sequence[Village], first_monday: date, pay_change: date) -> None:
        """One worker who is payable only from the middle of a month, and one who handed over to another."""
        groups = [group for village in villages for group in village.groups][1:3]
        paid_later = self.staff.of_group[groups[0].code][0]
        before = paid_later.postings[0]
        before.payable, before.ends_on = False, pay_change - timedelta(days=1)
        now = self.post(paid_later.user, Role.GRID_WORKER, groups[0], pay_change)
        now.payable = True
        paid_later.postings.append(now)
        last_day = first_monday + timedelta(days=9)
        self.staff.of_group[groups[1].code][0].postings[0].ends_on = last_day
        self._grid_worker(groups[1], starts_on=last_day + timedelta(days=1))

    def visitors(self, villages: Sequence[Village]) -> None:
        """A family doctor in the first village, volunteers and social workers in a few others."""
        for village in (villages[0], *self.chance.some(villages[1:], max(2, len(villages) // 4))):
            login = "" if self.staff.visitors else "yisheng"
            self.staff.visitors[village.division.code] = self.worker(Role.VISITOR, village.division, login)

    def offices(self, places: Places) -> None:
        seat, port, small = places.towns
        self._town(seat, "zhenshenhe", "zhenfuze")
        self._town(port, "zhenshenhe2", "zhenfuze2")
        both = self._officer("xiaozhen", Role.TOWN_REVIEWER, small.division)
        self.post(both, Role.TOWN_HEAD, small.division)
        self.staff.reviewers[small.division.code] = self.staff.heads[small.division.code] = both
        self._officer("shijingban", Role.COUNTY_OFFICER, places.county)
        for login in ("shipizhun", "shipizhun2"):
            self.staff.approvers.append(self._officer(login, Role.COUNTY_APPROVER, places.county))
        self._officer("shenji", Role.AUDITOR, places.county)
        self._officer("guanli", Role.SYSTEM_ADMIN, places.county)

    def _town(self, town: Town, reviewer: str, head: str) -> None:
        place = town.division
        self.staff.reviewers[place.code] = self._officer(reviewer, Role.TOWN_REVIEWER, place)
        self.staff.heads[place.code] = self._officer(head, Role.TOWN_HEAD, place)

    def _officer(self, login: str, role: Role, place: Division) -> User:
        user = self.person(login, born=(1972, 1998))
        self.post(user, role, place)
        return user
