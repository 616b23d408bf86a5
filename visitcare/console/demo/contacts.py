"""What became of the weeks' plans: who went or called, when, how it went and what they wrote. Nothing is written here."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance, at_minute
from visitcare.console.demo.households import Home, Person
from visitcare.console.demo.staff import Staff, Worker
from visitcare.kit.weeks import SHANGHAI, Week, local_day
from visitcare.org.models import User
from visits.actions import Finding
from visits.models import PlannedVisit
from visits.rules import HOME, PHONE, VIDEO, kind_of

DAY = timedelta(days=1)
MORNING, NOON, AFTERNOON, EVENING = 7 * 60 + 50, 11 * 60 + 30, 14 * 60, 20 * 60
GOES_WELL = {HOME: "met", PHONE: "spoke", VIDEO: "spoke"}
GOES = {
    HOME: {"met": 0.91, "not_home": 0.075, "family": 0.01, "declined": 0.005},
    PHONE: {"spoke": 0.895, "no_answer": 0.085, "family": 0.015, "declined": 0.005},
    VIDEO: {"spoke": 0.96, "no_answer": 0.04},
}
NOT_YET = datetime(1, 1, 2, tzinfo=SHANGHAI)
FAILED = ("not_home", "no_answer", "family")


@dataclass(slots=True, eq=False)
class Contact:
    """One contact in the making. The times are set when the worker's day is laid out."""

    id: UUID
    home: Home
    people: list[Person]
    worker: Worker
    entered_by: User
    mode: str
    outcome: str
    day: date
    started_at: datetime = NOT_YET
    received_at: datetime = NOT_YET
    notes: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    withdrawn: bool = False
    sent_back: bool = False

    def move_to(self, moment: datetime) -> None:
        """Start at another minute; it is received as long after it as before."""
        self.received_at = moment + max(self.received_at - self.started_at, timedelta(minutes=1))
        self.started_at = moment


class Diary:
    """All contacts of the weeks up to yesterday: what is done today is for whoever plays."""

    def __init__(self, chance: Chance, staff: Staff, homes: list[Home], *, today: date) -> None:
        self.chance, self.staff = chance, staff
        self.homes = {home.household.pk: home for home in homes}
        self.people = {person.elder.pk: person for home in homes for person in home.people}
        self.yesterday = today - DAY
        self._taken: set[tuple[UUID, str, date]] = set()
        self.contacts: list[Contact] = []

    def write(self) -> list[Contact]:
        """The contacts with their times, in the order of the plan."""
        for home, people, day, mode in self._planned():
            self._go(home, people, day, mode)
        self._lay_out_days()
        return self.contacts

    def _planned(self) -> Iterator[tuple[Home, list[Person], date, str]]:
        """One for each planned contact: the elders of a household on one day."""
        rows = (
            PlannedVisit.objects.filter(day__lte=self.yesterday)
            .order_by("day", "elder__household", "mode", "elder__birth_date", "elder")
            .values_list("day", "elder__household", "mode", "elder")
        )
        for (day, household, mode), elders in groupby(rows, key=lambda row: row[:3]):
            yield self.homes[household], [self.people[row[3]] for row in elders], day, mode

    def _go(self, home: Home, people: list[Person], day: date, mode: str) -> None:
        chance = self.chance
        worker = self._who_goes(home, day)
        there = [person for person in people if not person.is_away(day) and not person.has_left(day)]
        if not there or not chance.happens(worker.diligence):
            return
        if len(there) > 1 and chance.happens(0.03):
            there = [chance.pick(there)]
        if mode == PHONE and chance.happens(0.06):
            mode = VIDEO
        if chance.happens(0.25) or self._is_taken(home, mode, day):
            day = self._other_day(home, there, mode, day) or day
        contact = self.make(home, there, worker, mode, day, self._outcome(mode, there))
        if contact.outcome in FAILED and chance.happens(0.92):  # another try
            self._once_more(contact, mode)
        elif chance.happens(0.07):  # beyond the minimum
            self._once_more(contact, chance.pick((HOME, PHONE)))

    def _once_more(self, contact: Contact, mode: str) -> None:
        """On another day of the week, if there is one."""
        if mode == HOME and any(one.wishes_calls_only for one in contact.people):
            return
        day = self._other_day(contact.home, contact.people, mode, contact.day)
        if day:
            self.make(contact.home, contact.people, contact.worker, mode, day, GOES_WELL[mode])

    def make(
        self, home: Home, people: list[Person], worker: Worker, mode: str, day: date, outcome: str
    ) -> Contact:
        """One more contact of the diary, still without a time."""
        contact = Contact(
            id=self.chance.uuid(),
            home=home,
            people=people,
            worker=worker,
            entered_by=worker.user,
            mode=mode,
            outcome=outcome,
            day=day,
        )
        if outcome in GOES_WELL.values():
            self._tell(contact)
        self._taken.add((home.household.pk, kind_of(mode), day))
        self.contacts.append(contact)
        return contact

    def _is_taken(self, home: Home, mode: str, day: date) -> bool:
        return (home.household.pk, kind_of(mode), day) in self._taken

    def _who_goes(self, home: Home, day: date) -> Worker:
        village = home.village.division.code
        if self.chance.happens(0.03):
            return self.staff.cadres[village]
        if village in self.staff.visitors and self.chance.happens(0.03):
            return self.staff.visitors[village]
        on_duty = self.staff.on_duty(home.group, day)
        return home.worker if home.named or home.worker in on_duty else on_duty[0]

    def _other_day(self, home: Home, people: list[Person], mode: str, planned: date) -> date | None:
        """A day of the same week near the planned one, if possible after it, on which it fits."""
        week = Week.of(planned)
        for distance in (1, 2, -1, 3, -2, -3):
            day = planned + distance * DAY
            if (
                week.monday <= day <= min(week.sunday, self.yesterday)
                and not self._is_taken(home, mode, day)
                and not any(person.is_away(day) or person.has_left(day) for person in people)
            ):
                return day
        return None

    def _outcome(self, mode: str, people: list[Person]) -> str:
        if mode != HOME and all(person.cannot_answer for person in people):
            return "family"
        return self.chance.weighted(GOES[mode])

    def _tell(self, contact: Contact) -> None:
        """Mostly 一切正常, which writes nothing; sometimes a few words; now and then something is found."""
        if self.chance.happens(0.12):
            for area in self.chance.some(list(words.NOTES), self.chance.pick((1, 1, 2))):
                contact.notes[area] = self.chance.pick(words.NOTES[area])
        if self.chance.happens(0.018):
            self.find(contact)

    def find(self, contact: Contact) -> None:
        area = self.chance.pick(list(words.FINDINGS))
        kinds, said = self.chance.pick(words.FINDINGS[area])
        of_dwelling = area == "safety"
        contact.findings = (
            Finding(
                area=area,
                kinds=kinds,
                words=said,
                elder=None if of_dwelling else contact.people[0].elder.pk,
                household_mends=of_dwelling and self.chance.happens(0.4),
            ),
        )

    # Times

    def _lay_out_days(self) -> None:
        rounds: dict[tuple[UUID, date], list[Contact]] = defaultdict(list)
        for contact in self.contacts:
            rounds[contact.worker.user.pk, contact.day].append(contact)
        for contacts in rounds.values():
            self._lay_out(self.chance.shuffled(contacts))
        for contact in self.contacts:
            self._send(contact)

    def _lay_out(self, contacts: list[Contact]) -> None:
        """Doors in the morning and the afternoon with the way between them; calls where they fit, some after supper."""
        minute, evening = MORNING + self.chance.number(0, 80), EVENING - self.chance.number(20, 100)
        for contact in contacts:
            if contact.mode != HOME and self.chance.happens(0.3):
                contact.started_at = at_minute(contact.day, evening)
                evening = min(evening + self.chance.number(5, 12), EVENING + 40)
                continue
            if NOON < minute < AFTERNOON:
                minute = AFTERNOON + self.chance.number(0, 40)
            contact.started_at = at_minute(contact.day, min(minute, EVENING))
            minute += self.chance.number(14, 42) if contact.mode == HOME else self.chance.number(6, 15)

    def _send(self, contact: Contact) -> None:
        """Mostly at once; in the evening; a few days later, but in time; or typed by the cadre."""
        chance, day = self.chance, contact.day
        how = chance.weighted({"at once": 80, "evening": 13, "next day": 5, "days later": 2})
        contact.received_at = contact.started_at + timedelta(minutes=chance.number(2, 25))
        if how == "evening" and contact.started_at < at_minute(day, 18 * 60):
            contact.received_at = chance.moment(day, "18:30", "21:30")
        elif how in ("next day", "days later"):
            typed = day + (DAY if how == "next day" else chance.number(2, 4) * DAY)
            if typed <= min(self.yesterday, local_day(Week.of(day).timely_until) - DAY):
                contact.received_at = chance.moment(typed, "08:00", "20:00")
        if chance.happens(0.02):
            contact.entered_by = self.staff.cadres[contact.home.village.division.code].user
