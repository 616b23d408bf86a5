"""The registry: households with their elders, papers, classes and moves; weeks, campaigns and rounds of screening."""

from datetime import date

from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    AssistanceItem,
    CarePlan,
    ClassOverride,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    Move,
    Pause,
    Proposal,
    RegistrationDraft,
    RegistrationForm,
    Residence,
    ScreenedPerson,
    ScreeningRound,
)
from tests.doors.forest.ground import MONDAY, Ground
from tests.factories import id_number
from visits.models import Campaign, CampaignElder, Inquiry, Obligation, PlannedVisit, Reckoning


class Registry(Ground):
    """What is known of people, and what is owed to them."""

    def _households(self) -> None:
        homes = [place for place in self.places if place.level in ("village", "group")]
        self.households = self._store(
            Household, [Household(place=place) for place in homes for _ in range(self.random.randint(1, 2))]
        )
        self._store(
            Assignment,
            [
                Assignment(household=home, worker=self.random.choice(self.people), **self._span())
                for home in self._some(self.households, 12)
            ],
        )
        self._store(
            HouseholdMember,
            [HouseholdMember(household=home, name="王小明") for home in self._some(self.households, 9)],
        )
        self._store(
            AssistanceItem,
            [AssistanceItem(household=home, name="低保金") for home in self._some(self.households, 9)],
        )
        elders = []
        for home in self.households:
            for _ in range(self.random.randint(0, 2)):
                status = self.random.choice(Elder.Status.values)
                closed = {"closed_on": MONDAY, "close_reason": "moved"} if status == "closed" else {}
                born = date(1940 + self.random.randrange(20), 5, 1)
                elders.append(
                    Elder(
                        household=home, name=f"老{len(elders)}", sex="female", birth_date=born, status=status,
                        id_number=id_number(born), **closed,
                    )
                )  # fmt: skip
        self.elders = self._store(Elder, elders)
        for loser, winner in zip(self.elders[::5], self.elders[1::5], strict=False):
            merged = {"status": "closed", "closed_on": MONDAY, "close_reason": "merged"}
            Elder.objects.filter(pk=loser.pk).update(merged_into=winner, **merged)
        self._store(Residence, [Residence(elder=elder, household=elder.household) for elder in self.elders])
        self._store(
            Move,
            [
                Move(
                    elder=elder,
                    household=elder.household,
                    village=self.random.choice(self.villages),
                    starts_on=MONDAY,
                    reason="投靠子女",
                    proposed_by=self.people[0],
                )
                for elder in self._some(self.elders, 12)
            ],
        )

    def _papers(self) -> None:
        maker = self.random.choice(self.people)
        of_elders = {
            RegistrationForm: lambda elder: RegistrationForm(
                elder=elder, registered_on=MONDAY, made_by=maker
            ),
            Assessment: lambda elder: Assessment(elder=elder, assessed_on=MONDAY, level="mild"),
            Consent: lambda elder: Consent(elder=elder, since=MONDAY, kind="full"),
            CarePlan: lambda elder: CarePlan(elder=elder, agreed_on=MONDAY, content="量血压"),
            ActivePeriod: lambda elder: ActivePeriod(elder=elder, **self._span()),
            ClassOverride: lambda elder: ClassOverride(
                elder=elder, risk_class="A", computed_class="C", reason="跌倒", review_on=MONDAY,
                proposed_by=maker, proposed_at=self.now,
            ),
            Inquiry: lambda elder: Inquiry(
                elder=elder, step="contact", safe=False, words="没接", by=maker, at=self.now
            ),
            Pause: lambda elder: Pause(elder=elder, reason="hospital", **self._span()),
            ClassPeriod: lambda elder: ClassPeriod(
                elder=elder, starts_on=MONDAY, risk_class="C", codes=["C"], verdict={"risk_class": "C"},
                policy_version=MONDAY, judged_on=MONDAY,
            ),
            Obligation: lambda elder: Obligation(
                elder=elder, monday=MONDAY, risk_class="C", home_required=0, greeting_required=1,
                policy_version=MONDAY, village_code=elder.household.village_code,
            ),
            PlannedVisit: lambda elder: PlannedVisit(
                elder=elder, monday=MONDAY, day=MONDAY, mode="phone", village_code=elder.household.village_code
            ),
        }  # fmt: skip
        for model, make in of_elders.items():
            self._store(model, [make(elder) for elder in self._some(self.elders, len(self.elders))])
        forms = list(RegistrationForm.objects.all())
        self._store(Proposal, [Proposal(form=form, content="{}") for form in self._some(forms, len(forms))])
        self._store(
            RegistrationDraft,
            [
                RegistrationDraft(made_by=person, step="who", updated_at=self.now)
                for person in self.people
                if self._chance(60)
            ],
        )

        self._reckonings()
        self._campaigns()
        self._screenings()

    def _reckonings(self) -> None:
        owed = list(Obligation.objects.all())
        self._store(
            Reckoning,
            [
                Reckoning(obligation=one, home_done=0, greeting_done=0, progress="missed")
                for one in self._some(owed, len(owed))
            ],
        )

    def _campaigns(self) -> None:
        """Of places of any level, with elders of any place."""
        campaigns = self._store(
            Campaign,
            [
                Campaign(
                    kind="heat", words=place.code, place=place, first_day=MONDAY, last_day=MONDAY, home_due=1,
                    greeting_due=0, set_up_by=self.random.choice(self.people), set_up_at=self.now,
                )
                for place in self.places
                if place.level != "group"
            ],
        )  # fmt: skip
        self._store(
            CampaignElder,
            [
                CampaignElder(
                    campaign=self.random.choice(campaigns), elder=elder, home_due=1, greeting_due=0,
                    village_code=elder.household.village_code,
                )
                for elder in self.elders
            ],
        )  # fmt: skip

    def _screenings(self) -> None:
        """Of every town one; with people of any place on any list."""
        rounds = self._store(
            ScreeningRound,
            [
                ScreeningRound(town=town, name="排摸", opened_on=MONDAY, due_on=MONDAY)
                for town in self.places
                if town.level == "town"
            ],
        )
        self._store(
            ScreenedPerson,
            [
                ScreenedPerson(
                    round=self.random.choice(rounds), place=self.random.choice(self.places), source="elder",
                    elder=elder, household=elder.household, name=elder.name, birth_year=elder.birth_date.year,
                )
                for elder in self.elders
            ],
        )  # fmt: skip
