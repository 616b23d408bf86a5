"""What went wrong with some contacts, so that every check has something to find and every reason not to pay occurs.

Each fault bends a few contacts or adds some; whether a flag follows is for the product's own checks to say.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from elders.models import Elder
from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance, portion
from visitcare.console.demo.contacts import DAY, GOES_WELL, Contact, Diary
from visitcare.console.demo.households import Home, Person
from visitcare.kit.weeks import Week, local_day
from visits.rules import HOME, PHONE


class Faults:
    """Bends the contacts of a diary. A contact is bent once at most, so that a flag has one cause to look at."""

    def __init__(self, chance: Chance, diary: Diary) -> None:
        self.chance, self.diary = chance, diary
        self.contacts = diary.contacts
        self._bent: set[UUID] = set()

    def commit(self) -> None:
        self._second_contacts()
        self._others_rounds()
        self._calls_to_the_paused()
        self._doors_of_phone_only()
        self._not_in_the_registry()
        self._odd_hours()
        self._bursts()
        self._same_words()
        self._typed_late()
        self._withdrawn()

    def _some(
        self, share: float, least: int, fits: Callable[[Contact], bool] = lambda _: True
    ) -> list[Contact]:
        """A share of all contacts, of those that fit and are not bent yet."""
        free = [contact for contact in self.contacts if contact.id not in self._bent and fits(contact)]
        chosen = self.chance.some(free, portion(len(self.contacts), share, least))
        self._bent.update(contact.id for contact in chosen)
        return chosen

    def _added(self, home: Home, people: list[Person], mode: str, day: date) -> Contact:
        """One more contact by the household's own worker; nobody bends it further."""
        contact = self.diary.make(home, people, home.worker, mode, day, GOES_WELL[mode])
        self._bent.add(contact.id)
        contact.started_at = self.chance.moment(day, "15:00", "17:30")
        contact.received_at = contact.started_at + timedelta(minutes=self.chance.number(2, 20))
        return contact

    # Added contacts

    def _second_contacts(self) -> None:
        """The same household, kind and day once more, by the same worker or by the cadre."""
        for first in self._some(0.006, 2, lambda one: one.started_at.hour < 16):
            again = self.diary.make(
                first.home, first.people, first.worker, first.mode, first.day, first.outcome
            )
            self._bent.add(again.id)
            if self.chance.happens(0.4):
                again.worker = self.diary.staff.cadres[first.home.village.division.code]
                again.entered_by = again.worker.user
            again.started_at = first.started_at + timedelta(minutes=self.chance.number(60, 200))
            again.received_at = again.started_at + timedelta(minutes=self.chance.number(2, 20))

    def _calls_to_the_paused(self) -> None:
        for home, person in self._people(lambda person: bool(person.pauses)):
            pause = person.pauses[-1]
            day = pause.starts_on + DAY
            if day <= self.diary.yesterday:
                self._added(home, [person], PHONE, day)

    def _doors_of_phone_only(self) -> None:
        for home, person in self._people(lambda person: person.wishes_calls_only):
            if person.registered_on < self.diary.yesterday - 10 * DAY and not person.has_left(
                self.diary.yesterday
            ):
                for _ in range(2):
                    first = max(person.registered_on, self.diary.yesterday - 40 * DAY)
                    self._added(home, [person], HOME, self.chance.day(first, self.diary.yesterday - DAY))

    def _not_in_the_registry(self) -> None:
        """Visits to people whose form waits, who are not in scope yet, or who have moved away."""
        waiting = (Elder.Status.SUBMITTED, Elder.Status.APPROVED)
        for home, person in self._people(lambda person: person.status in waiting):
            if self.chance.happens(0.6):
                day = self.chance.day(self.diary.yesterday - 14 * DAY, self.diary.yesterday)
                self._added(home, [person], HOME, day)
        for home, person in self._people(lambda person: person.close_reason == Elder.CloseReason.MOVED):
            if person.closed_on and person.closed_on < self.diary.yesterday:
                self._added(home, [person], PHONE, person.closed_on + DAY)

    def _people(self, fits: Callable[[Person], bool]) -> Iterator[tuple[Home, Person]]:
        for home in self.diary.homes.values():
            for person in home.people:
                if fits(person):
                    yield home, person

    # Bent contacts

    def _others_rounds(self) -> None:
        """Somebody from the next group went, and the cadre typed it."""
        staff = self.diary.staff
        for contact in self._some(0.004, 2, lambda one: len(one.home.village.groups) > 1):
            others = [group for group in contact.home.village.groups if group != contact.home.group]
            contact.worker = staff.on_duty(self.chance.pick(others), contact.day)[0]
            contact.entered_by = staff.cadres[contact.home.village.division.code].user
        for contact in self._some(0.001, 1, lambda one: one.home.named is not None):
            contact.worker = staff.on_duty(contact.home.group, contact.day)[0]
            contact.entered_by = contact.worker.user

    def _odd_hours(self) -> None:
        for contact in self._some(0.002, 2):
            low, high = self.chance.pick((("05:05", "05:50"), ("21:10", "22:40")))
            contact.move_to(self.chance.moment(contact.day, low, high))
            contact.received_at = contact.started_at + timedelta(minutes=self.chance.number(2, 40))

    def _bursts(self) -> None:
        """Two doors of different households within minutes."""
        pairs = [
            (one, other)
            for one, other in self._neighbours()
            if one.mode == other.mode == HOME and one.home is not other.home
        ]
        for one, other in self._free_pairs(pairs, 0.003):
            other.move_to(one.started_at + timedelta(minutes=self.chance.number(1, 3)))

    def _same_words(self) -> None:
        pairs = [
            (one, other)
            for one, other in self._neighbours()
            if one.outcome in GOES_WELL.values() and other.outcome in GOES_WELL.values()
        ]
        for one, other in self._free_pairs(pairs, 0.003):
            one.notes = {"remark": self.chance.pick(words.REPEATED_WORDS)}
            other.notes = dict(one.notes)
            one.findings = other.findings = ()

    def _neighbours(self) -> Iterator[tuple[Contact, Contact]]:
        """Contacts of one worker that followed one another on a day."""
        days: dict[tuple[UUID, date], list[Contact]] = defaultdict(list)
        for contact in self.contacts:
            if contact.id not in self._bent:
                days[contact.worker.user.pk, contact.day].append(contact)
        for contacts in days.values():
            yield from pairwise(sorted(contacts, key=lambda contact: contact.started_at))

    def _free_pairs(
        self, pairs: list[tuple[Contact, Contact]], share: float
    ) -> Iterator[tuple[Contact, Contact]]:
        """A share of them, no contact twice."""
        wanted = portion(len(self.contacts), share, 2)
        for one, other in self.chance.shuffled(pairs):
            if wanted and not {one.id, other.id} & self._bent:
                self._bent |= {one.id, other.id}
                wanted -= 1
                yield one, other

    def _typed_late(self) -> None:
        """Found again in a notebook, after the Monday that follows the week."""
        until = self.diary.yesterday - 3 * DAY
        for contact in self._some(0.004, 2, lambda one: local_day(Week.of(one.day).timely_until) <= until):
            first = local_day(Week.of(contact.day).timely_until)
            contact.received_at = self.chance.moment(
                self.chance.day(first, min(first + 9 * DAY, until)), "08:00", "20:00"
            )

    def _withdrawn(self) -> None:
        for contact in self._some(0.001, 1):
            contact.withdrawn = True


def highlight(diary: Diary, worker_login: str) -> None:
    """Something for the newcomer's own round: a finding that is still to be asked about, a record that came back."""
    own = [
        contact
        for contact in diary.contacts
        if contact.worker.user.login == worker_login and contact.mode == HOME and contact.outcome == "met"
    ]
    latest = sorted(own, key=lambda contact: contact.started_at)
    if latest:
        diary.find(latest[-1])
    before = [contact for contact in latest if contact.day < diary.yesterday - 3 * DAY]
    if before:
        before[-1].sent_back = True
