"""Counties that nobody thought of: random areas, people and postings, with rows of every model that has a row rule.

Rows are written past the actions: a rule on who sees what holds for whatever the database can hold, also for a
household that moved, a posting of a role at a level where none is, or a place that is no longer in use.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    AssistanceItem,
    CarePlan,
    ClassOverride,
    ClassPeriod,
    Consent,
    DaysOff,
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
    StandIn,
)
from subsidies.models import Line, PaidVisit, Reversal, Settlement, UnpaidVisit, Withholding
from tests.factories import id_number, mobile, unguarded
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.models import (
    BankAccount,
    Division,
    ImportBatch,
    ImportVerdict,
    LoginCard,
    Phone,
    Posting,
    User,
)
from visitcare.org.roles import ROLES, Role
from visits.models import (
    Alert,
    Campaign,
    CampaignElder,
    Flag,
    Inquiry,
    KeptBack,
    Obligation,
    Photo,
    PlannedVisit,
    Received,
    Reckoning,
    Referral,
    Review,
    Visit,
    VisitedElder,
)

Row = TypeVar("Row", bound=models.Model)
MONDAY = date(2025, 3, 3)
MONTHS = (date(2025, 1, 1), date(2025, 2, 1))


class Forest:
    """A random county, the same again for the same seed. `people` are those whose lists are to be compared."""

    def __init__(self, seed: int, people: int = 16) -> None:
        self.random = Random(seed)
        self.now = timezone.now()
        self.places = self._places()
        self.villages = [place for place in self.places if place.level == "village"]
        self.people = self._people(people)
        self._postings()
        self._rounds()
        self._households()
        self._papers()
        self._visits()
        self._inbox()
        self._money()
        self._imports()
        self._move_some()
        self._events()

    # Helpers

    def _some(self, rows: Sequence[Row], most: int) -> list[Row]:
        most = min(most, len(rows))
        return self.random.sample(rows, self.random.randint(most // 2, most))

    def _times(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def _chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _span(self) -> dict[str, Any]:
        """Days that are past, going on or to come, with their ends on today's edges too."""
        day = today()
        starts = day + timedelta(days=self.random.choice((-400, -30, -1, 0, 1, 30)))
        ends = self.random.choice((None, None, starts, day - timedelta(days=1), day, day + timedelta(days=9)))
        return {"starts_on": starts, "ends_on": max(starts, ends) if ends else None}

    @staticmethod
    def _store(model: type[Row], rows: Sequence[Row]) -> list[Row]:
        return model._default_manager.bulk_create(rows)

    # Where and who

    def _places(self) -> list[Division]:
        """One or two counties down to groups; two villages may bear one name, and some are not in use."""
        found: list[Division] = []

        def grow(level: str, code: str, parent: Division | None) -> Division:
            name = f"{level}{self.random.randint(1, 3)}"
            path = f"{parent.path}{name}" if parent else name
            place = Division(
                code=code, name=name, level=level, parent=parent, path=path, active=self._chance(85)
            )
            found.append(place)
            return place

        for c in range(self.random.randint(1, 2)):
            county = grow("county", f"32069{c}", None)
            for t in range(self.random.randint(2, 3)):
                town = grow("town", f"{county.code}{t + 101}", county)
                for v in range(self.random.randint(1, 2)):
                    village = grow("village", f"{town.code}{v + 201}", town)
                    for g in self._times(2):
                        grow("group", f"{village.code}{g + 1:03}", village)
        return self._store(Division, found)

    def _people(self, number: int) -> list[User]:
        return self._store(
            User,
            [
                User(
                    login=f"p{n}",
                    name=f"人{n}",
                    mobile=mobile(),
                    is_active=n % 5 != 4 or n < 10,
                    password="!",
                )
                for n in range(number)
            ],
        )

    def _postings(self) -> None:
        """Of every role somebody who serves where the role belongs; beside it any role anywhere at any time, also
        for those who have no posting in force. The first person has none at all."""
        found: dict[tuple[int, str, str], Posting] = {}

        def appoint(n: int, role: Role, places: Sequence[Division], span: dict[str, Any]) -> None:
            place = self.random.choice(places)
            found.setdefault(
                (n, role, place.pk),
                Posting(
                    user=self.people[n], role=role, place=place, payable=role == Role.GRID_WORKER, **span
                ),
            )

        for n, role in enumerate(Role, start=1):
            fitting = [place for place in self.places if place.level in ROLES[role].levels]
            appoint(n, role, fitting, {"starts_on": date(2024, 1, 1), "ends_on": None})
        for n in range(1, len(self.people)):
            for _ in self._times(2):
                appoint(n, self.random.choice(list(Role)), self.places, self._span())
        self._store(Posting, list(found.values()))
        self._store(
            BankAccount,
            [
                BankAccount(user=one, bank="农商行", card="6214830000000000", since=MONDAY)
                for one in self._some(self.people, 12)
            ],
        )

    def _rounds(self) -> None:
        """Who is not there and who goes instead, in towns where they serve and where they do not."""
        self._store(
            DaysOff,
            [
                DaysOff(worker=one, kind="weekly", weekdays=[1], **self._span())
                for one in self._some(self.people, 8)
            ],
        )
        towns = [place for place in self.places if place.level == "town"]
        found = []
        for absent in self.people:
            substitute = self.random.choice([one for one in self.people if one != absent])
            span = self._span()
            span["ends_on"] = span["ends_on"] or today() + timedelta(days=9)
            span["starts_on"] = min(span["starts_on"], span["ends_on"])
            for town in towns:
                villages = [one.code for one in self.places if one.parent == town]
                found.append(
                    StandIn(
                        absent=absent, substitute=substitute, town=town, reason="住院",
                        handed_over=self.random.choice([[town.code], villages[:1]]), **span,
                    )
                )  # fmt: skip
        self._store(StandIn, found)
        self._phones()

    def _phones(self) -> None:
        some = self._some(self.people, 14)
        sessions = self._store(
            Session, [Session(session_key=f"{n}", expire_date=self.now) for n in range(len(some))]
        )
        self._store(
            Phone,
            [
                Phone(user=one, session=session, how="card", browser="安卓，微信", last_used_on=MONDAY)
                for one, session in zip(some, sessions, strict=True)
            ],
        )
        self._store(
            LoginCard,
            [
                LoginCard(user=one, token_hash=one.login, printed_by=self.people[0], printed_at=self.now)
                for one in self._some(self.people, 14)
            ],
        )

    # The registry

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

    # Visits and money

    def _visits(self) -> None:
        """By anybody to anybody: somebody who has left, a worker of another town, an office."""
        at = datetime(2025, 1, 15, 9, tzinfo=self.now.tzinfo)
        visits, visited = [], []
        for n in range(2 * len(self.elders)):
            elder = self.random.choice(self.elders)
            visit = Visit(
                household=elder.household, village_code=elder.household.village_code,
                worker=self.random.choice(self.people), entered_by=self.random.choice(self.people), mode="home",
                outcome="met", started_at=at + timedelta(hours=n), received_at=at + timedelta(hours=n),
            )  # fmt: skip
            visits.append(visit)
            visited.append(
                VisitedElder(visit=visit, elder=elder, started_at=visit.started_at, countable=True)
            )
        self.visits = self._store(Visit, visits)
        self._store(VisitedElder, visited)
        self._store(Alert, [Alert(visited=one, at=self.now) for one in visited if self._chance(40)])
        some = [
            (visit, seen.elder) for visit, seen in zip(self.visits, visited, strict=True) if self._chance(40)
        ]
        self._store(Flag, [Flag(visit=visit, code="burst", words="挨得近") for visit, _ in some])
        self._store(
            Photo,
            [
                Photo(
                    id=visit.pk, visit=visit, digest="0" * 64, width=1, height=1, size=1, content=b"x",
                    sent_by=visit.worker, received_at=self.now,
                )
                for visit, _ in some
            ],
        )  # fmt: skip
        self._store(
            Review,
            [Review(visit=visit, at=self.now, by=self.people[0], state="pending") for visit, _ in some],
        )
        self._store(
            Referral,
            [
                Referral(
                    visit=visit, household=visit.household, elder=elder, village_code=visit.village_code,
                    area="safety", opened_at=self.now, due_on=MONDAY,
                )
                for visit, elder in some
            ],
        )  # fmt: skip

    def _inbox(self) -> None:
        """What phones have sent; of some it was kept why it could not be taken in, in any village."""
        received = self._store(
            Received,
            [
                Received(
                    kind="visit", item=visit.pk, visit=visit.pk, digest="", sender=self.random.choice(self.people),
                    received_at=self.now, body="{}",
                )
                for visit in self._some(self.visits, 30)
            ],
        )  # fmt: skip
        self._store(
            KeptBack,
            [
                KeptBack(
                    received=one, state="waiting", words="不在", since=self.now,
                    village_code=self.random.choice(self.villages).code,
                )
                for one in self._some(received, 20)
            ],
        )  # fmt: skip

    def _money(self) -> None:
        """Two months of every town, some frozen. What the database guards is left aside: nobody adds up here."""
        towns = [place for place in self.places if place.level == "town"]
        with unguarded():
            settlements = self._store(
                Settlement,
                [
                    Settlement(
                        town=town, town_name=town.name, month=month, rate="3.50", policy_version=month,
                        drafted_at=self.now,
                    )
                    for town in towns
                    for month in MONTHS
                ],
            )  # fmt: skip
            lines = self._store(
                Line,
                [
                    Line(
                        settlement=one, worker=worker, place_code=one.town_id, payee_name="甲", amount="3.50"
                    )
                    for one in settlements
                    for worker in self._some(self.people, 5)
                ],
            )
            paid = self._store(PaidVisit, list(self._payments(lines)))
            self._store(
                Reversal,
                [
                    Reversal(
                        paid_visit=one, number=1, settlement=one.settlement, line=one.line, amount="-3.50"
                    )
                    for one in self._some(paid, 6)
                ],
            )
            self._store(
                UnpaidVisit,
                [
                    UnpaidVisit(settlement=self.random.choice(settlements), visit=visit, reason="pending")
                    for visit in self._some(self.visits, 10)
                ],
            )
            self._store(
                Withholding,
                [
                    Withholding(settlement=one.settlement, worker=one.worker, reason="核实", by=one.worker)
                    for one in self._some(lines, 6)
                ],
            )
            maker, checker = self.people[1], self.people[2]
            made = {"assessed_by": maker, "assessed_at": self.now}
            checked = made | {"approved_by": checker, "approved_at": self.now, "digest": "0" * 64}
            for settlement in settlements:
                state = self.random.choice(Settlement.State.values)
                people = {"draft": {}, "assessed": made}.get(state, checked)
                Settlement.objects.filter(pk=settlement.pk).update(state=state, **people)

    def _payments(self, lines: Sequence[Line]) -> Iterator[PaidVisit]:
        for visit in self.visits:
            if lines and self._chance(50):
                line = self.random.choice(lines)
                yield PaidVisit(
                    visit=visit, settlement=line.settlement, line=line, village_code=visit.village_code,
                    started_at=visit.started_at, mode=visit.mode, amount="3.50",
                )  # fmt: skip

    # What was uploaded

    def _imports(self) -> None:
        batches = self._store(
            ImportBatch,
            [
                ImportBatch(
                    kind="elders", rights=["import_sheets", *rights], place=place, uploaded_by=uploader,
                    state="judged", started_at=self.now,
                )
                for place in self._some(self.places, 12)
                for rights in (["register_elder"], ["register_elder", "approve_elder"], ["keep_workers"], ["review_visit"])
                for uploader in self._some(self.people, 2)
            ],
        )  # fmt: skip
        self._store(
            ImportVerdict, [ImportVerdict(batch=one, position=0, row=2, outcome="new") for one in batches]
        )

    # What came later

    def _move_some(self) -> None:
        """Households that live elsewhere now: what was visited, owed and found stays where it was."""
        for home in self._some(self.households, 5):
            Household.objects.filter(pk=home.pk).update(place=self.random.choice(self.villages))
        for place in self._some(self.villages, 2):
            Division.objects.filter(pk=place.pk).update(name="新名", active=False)

    def _events(self) -> None:
        places = [*self.random.choices(self.places, k=20), None, None]
        self._store(
            Event,
            [
                Event(
                    actor_id=self.people[0].pk, actor_name="甲", verb="reveal", words="看了",
                    area_code=place.code if place else "",
                )
                for place in places
            ],
        )  # fmt: skip
