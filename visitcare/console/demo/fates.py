"""What became of some of the elders: forms that wait, wishes, stays in hospital, records closed, new assessments."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from elders.models import Assignment, Consent, Elder, Pause, RegistrationForm
from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance, portion
from visitcare.console.demo.households import Builder, Home, Person
from visitcare.console.demo.recipes import ALLOWANCE, DISABLED

WEEK = timedelta(days=7)


class Fates:
    """Deals out fates to single elders, no more than one to each."""

    def __init__(self, chance: Chance, builder: Builder, homes: list[Home]) -> None:
        self.chance, self.builder = chance, builder
        self.today, self.first_monday = builder.today, builder.first_monday
        self.count = sum(len(home.people) for home in homes)
        settled = [
            home
            for home in homes
            if len(home.people) == 1
            and home.people[0].registered_on < self.first_monday
            and home.people[0].status == Elder.Status.ACTIVE
        ]
        self._free = iter(chance.shuffled(settled))

    def deal(self) -> None:
        self._waiting_forms()
        self._wishes()
        self._pauses()
        self._closings()
        self._new_findings()
        self._named_workers()
        self._own_households()

    def _some(self, share: float, least: int = 1) -> Iterator[Home]:
        yield from islice(self._free, portion(self.count, share, least))

    # Forms

    def _waiting_forms(self) -> None:
        for home in self._some(0.010, 2):
            self._still(home.people[0], RegistrationForm.State.SUBMITTED, Elder.Status.SUBMITTED)
        for home in self._some(0.005):
            self._still(home.people[0], RegistrationForm.State.DRAFT, Elder.Status.DRAFT)
        for home in self._some(0.004):
            form = self._still(home.people[0], RegistrationForm.State.RETURNED, Elder.Status.DRAFT)
            form.decided_by = self.builder.staff.reviewers[home.town.division.code]
            form.decided_at = self._office_hour(self.today - timedelta(days=1))
            form.decision_reason = self.chance.pick(words.RETURNED_FORMS)

    def _still(self, person: Person, state: str, status: str) -> RegistrationForm:
        """A form of the last days that is not approved yet."""
        day = self.chance.day(self.today - timedelta(days=9), self.today - timedelta(days=2))
        form = person.forms[0]
        form.registered_on, form.state, person.status = day, state, status
        person.consents[0].since = day
        for assessment in person.assessments:
            assessment.assessed_on = day
        return form

    def _office_hour(self, day: date) -> datetime:
        return self.chance.moment(day, "08:30", "17:00")

    # Wishes

    def _wishes(self) -> None:
        for home in self._some(0.012):
            self._wish(home.people[0], Consent.Kind.REFUSED, self.chance.pick(words.REFUSALS))
        for home in self._some(0.025, 3):
            self._wish(home.people[0], Consent.Kind.PHONE_ONLY, self.chance.pick(words.PHONE_ONLY_REASONS))
        for home in self._some(0.003):  # refused at first, asked again after three months
            person = home.people[0]
            self._wish(person, Consent.Kind.REFUSED, self.chance.pick(words.REFUSALS))
            person.consents.append(
                Consent(
                    id=self.chance.uuid(),
                    elder=person.elder,
                    since=self.first_monday + WEEK,
                    kind=Consent.Kind.FULL,
                    signed_by=person.elder.name,
                )
            )

    def _wish(self, person: Person, kind: str, reason: str) -> None:
        person.consents[0].kind, person.consents[0].reason = kind, reason

    # Away and gone

    def _pauses(self) -> None:
        for home in self._some(0.010, 2):
            start = self.chance.day(self.today - 2 * WEEK, self.today - timedelta(days=3))
            end = self.chance.pick((None, self.today + WEEK))
            self._pause(home.people[0], start, end)
        for home in self._some(0.012):
            start = self.chance.day(self.first_monday, self.today - 2 * WEEK)
            self._pause(
                home.people[0], start, min(start + timedelta(days=12), self.today - timedelta(days=2))
            )
        for home in self._some(0.002):  # home from hospital: the worker's page says so
            self._pause(home.people[0], self.today - 2 * WEEK, self.today - timedelta(days=1))

    def _pause(self, person: Person, start: date, end: date | None) -> None:
        reason = self.chance.pick((Pause.Reason.HOSPITAL, Pause.Reason.HOSPITAL, Pause.Reason.AWAY))
        person.pauses.append(
            Pause(id=self.chance.uuid(), elder=person.elder, starts_on=start, ends_on=end, reason=reason)
        )

    def _closings(self) -> None:
        reasons = {
            Elder.CloseReason.DIED: 6,
            Elder.CloseReason.MOVED: 2,
            Elder.CloseReason.INSTITUTION: 2,
        }
        for number, home in enumerate(self._some(0.018, 3)):
            person = home.people[0]
            person.closed_on = self.chance.day(self.first_monday, self.today - timedelta(days=4))
            person.close_reason = Elder.CloseReason.MOVED if number == 0 else self.chance.weighted(reasons)

    # What was found later

    def _new_findings(self) -> None:
        """New assessments that are worse, and second forms: causes of class changes within the weeks."""
        for home in self._some(0.015, 2):
            person, day = home.people[0], self._day_within()
            person.assessments += self.builder.assess(person.elder, DISABLED, day)
        for home in self._some(0.010, 2):
            person = home.people[0]
            form = self._new_version(person.forms[0], self._day_within())
            form.economy = list(ALLOWANCE)
            person.forms.append(form)
        for home in self._some(0.002):
            assessments = self.builder.assess(home.people[0].elder, ("moderate",), self._day_within())
            assessments[0].score, assessments[0].mismatch_reason = 67, "评估当天发热，按平时情况定级"
            home.people[0].assessments += assessments

    def _day_within(self) -> date:
        return self.chance.day(self.first_monday, self.today - timedelta(days=2))

    def _new_version(self, form: RegistrationForm, day: date) -> RegistrationForm:
        said = {field.name: getattr(form, field.name) for field in RegistrationForm._meta.concrete_fields}
        return RegistrationForm(**said | {"id": self.chance.uuid(), "registered_on": day})

    # Who visits

    def _named_workers(self) -> None:
        """A household that another worker was named for."""
        staff = self.builder.staff
        for home in self._some(0.008, 2):
            village = home.village.division.code
            named = staff.visitors.get(village) or staff.cadres[village]
            home.named = Assignment(
                id=self.chance.uuid(),
                household=home.household,
                worker=named.user,
                starts_on=self.first_monday - WEEK,
            )
            home.worker = named

    def _own_households(self) -> None:
        """A worker whose own mother or father is on the round."""
        for home in self._some(0.003, 2):
            posting = home.worker.postings[-1]
            if posting.place_id == home.group.code:
                posting.own_household = home.household.number
