"""Households and their elders, made in memory from the recipes: nothing is written here."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from elders.models import (
    Assessment,
    Assignment,
    AssistanceItem,
    CarePlan,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    Pause,
    RegistrationForm,
    SeriousIllness,
)
from elders.rules import SCORES
from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.papers import Papers
from visitcare.console.demo.places import Town, Village
from visitcare.console.demo.recipes import ALLOWANCE, Options, Recipe, Resident
from visitcare.console.demo.staff import FIRST_DAY, Staff, Worker
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import Week
from visitcare.org.models import Division

OTHER_SEX = {"female": "male", "male": "female"}
CAN_BE_UNKNOWN = ("dementia", "disability_grade", "serious_illness", "left_behind", "economy")


@dataclass(slots=True, eq=False)
class Person:
    """One elder with their papers, and what became of the record."""

    elder: Elder
    forms: list[RegistrationForm]
    assessments: list[Assessment]
    consents: list[Consent]
    plans: list[CarePlan] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    closed_on: date | None = None
    close_reason: str = ""
    status: str = Elder.Status.ACTIVE

    @property
    def registered_on(self) -> date:
        return self.forms[0].registered_on

    @property
    def is_approved(self) -> bool:
        return self.status in (Elder.Status.ACTIVE, Elder.Status.APPROVED)

    def is_away(self, day: date) -> bool:
        return any(
            pause.starts_on <= day and (pause.ends_on is None or day <= pause.ends_on)
            for pause in self.pauses
        )

    def has_left(self, day: date) -> bool:
        return self.closed_on is not None and day > self.closed_on

    @property
    def wishes_calls_only(self) -> bool:
        return self.consents[-1].kind == Consent.Kind.PHONE_ONLY

    @property
    def cannot_answer(self) -> bool:
        return bool(self.forms[-1].cannot_speak_or_hear)


@dataclass(slots=True, eq=False)
class Home:
    """One household with its people, and the worker whose round it belongs to."""

    household: Household
    town: Town
    village: Village
    group: Division
    worker: Worker
    people: list[Person] = field(default_factory=list)
    members: list[HouseholdMember] = field(default_factory=list)
    assistance: list[AssistanceItem] = field(default_factory=list)
    named: Assignment | None = None


class Builder:
    """Makes one household after another, each in a group."""

    def __init__(
        self, chance: Chance, papers: Papers, staff: Staff, *, today: date, first_monday: date
    ) -> None:
        self.chance, self.papers, self.staff = chance, papers, staff
        self.names = words.Names(chance)
        self.today, self.first_monday = today, first_monday
        self.illnesses = {illness.name: illness for illness in SeriousIllness.objects.all()}
        self._serial: dict[str, int] = {}

    def home(self, recipe: Recipe, town: Town, village: Village, group: Division) -> Home:
        serial = self._serial[group.code] = self._serial.get(group.code, 0) + 1
        household = Household(
            id=self.chance.uuid(),
            place=group,
            number=f"{group.code[-2:]}{serial:03}",
            address=f"{village.division.name.removesuffix('委会')}{group.name}{serial + 2}号",
        )
        home = Home(household, town, village, group, self.chance.pick(self.staff.on_duty(group, self.today)))
        self._people(home, recipe)
        self._family(home, recipe.family)
        return home

    # People

    def _people(self, home: Home, recipe: Recipe) -> None:
        registered_on = self._registered_on()
        sex = self.chance.pick(("female", "male"))
        child = self.chance.pick(recipe.child)
        for resident in recipe.residents:
            facts = self._facts(recipe, resident, child)
            home.people.append(self._person(home, resident, sex, registered_on, facts))
            sex = OTHER_SEX[sex]
        if recipe.status == "waiting":
            home.people[0].status = Elder.Status.APPROVED

    def _registered_on(self) -> date:
        """Mostly before the weeks that are told of, some within them."""
        if self.chance.happens(0.04):
            return self.chance.day(self.first_monday, self.today - timedelta(days=9))
        earliest = max(FIRST_DAY, self.first_monday - timedelta(days=700))
        return self.chance.day(earliest, self.first_monday - timedelta(days=10))

    def _birth_date(self, resident: Resident) -> date:
        if resident.turns_80:
            week = Week.of(self.today)
            day = min(self.today + timedelta(days=1), week.sunday)
            if resident.turns_80 == "next week":
                day = self.chance.pick(week.next.days)
            return birthday(day, -80)
        youngest, oldest = resident.ages
        return self.chance.day(
            birthday(self.today, -oldest - 1) + timedelta(days=1), birthday(self.today, -youngest)
        )

    def _person(
        self, home: Home, resident: Resident, sex: str, registered_on: date, facts: dict[str, Any]
    ) -> Person:
        chance = self.chance
        birth_date = self._birth_date(resident)
        name = self.names.elder(sex)
        has_child = facts["child_location"] != "none"
        child_sex = chance.pick(("female", "male"))
        elder = Elder(
            id=chance.uuid(),
            household=home.household,
            name=name,
            sex=sex,
            birth_date=birth_date,
            id_number=self.papers.id_number(birth_date, sex),
            phone=self.papers.mobile() if chance.happens(0.85) else "",
            emergency_name=self.names.younger(child_sex, name[0]) if has_child else "",
            emergency_sex=child_sex if has_child else "",
            emergency_phone=self.papers.mobile() if has_child else "",
            hukou_address=home.household.address if chance.happens(0.93) else "户籍在外县，长期住在本村",
        )
        form = RegistrationForm(
            id=chance.uuid(),
            elder=elder,
            registered_on=registered_on,
            made_by=self.staff.cadres[home.village.division.code].user,
            **facts,
        )
        consent = Consent(
            id=chance.uuid(),
            elder=elder,
            since=registered_on,
            kind=Consent.Kind.FULL,
            signer=Consent.Signer.SELF,
            signed_by=name,
            signed_on=registered_on,
            staff_signed_by=form.made_by.name,
            staff_signed_on=registered_on,
        )
        return Person(elder, [form], self.assess(elder, resident.abilities, registered_on), [consent])

    def assess(self, elder: Elder, abilities: tuple[str, ...], day: date) -> list[Assessment]:
        """A level with a score that agrees, from one of the levels given or as life goes; none in a quarter."""
        if not abilities and self.chance.happens(0.25):
            return []
        level = self.chance.pick(abilities) if abilities else self.chance.weighted({"intact": 6, "mild": 3})
        return [
            Assessment(
                id=self.chance.uuid(),
                elder=elder,
                assessed_on=day,
                level=level,
                score=self.chance.number(*SCORES[level]),
                assessor=self.chance.pick(words.ASSESSORS),
            )
        ]

    def _facts(self, recipe: Recipe, resident: Resident, child: str) -> dict[str, Any]:
        chance = self.chance
        economy = chance.weighted(
            {("resident_pension",): 70, ("enterprise_pension",): 15, ("public_pension",): 3, ALLOWANCE: 5,
             ("marginal", "resident_pension"): 4}
        )  # fmt: skip
        facts: dict[str, Any] = {
            "living": recipe.living,
            "spouse_location": "same_home" if len(recipe.residents) > 1 else "none",
            "child_location": child,
            "able_adult_at_home": recipe.family == "children",
            "dementia": False,
            "cannot_speak_or_hear": False,
            "disability_grade": 0,
            "serious_illness": False,
            "past_illnesses": chance.pick(words.PAST_ILLNESSES),
            "economy": economy,
            "income_source": chance.pick(words.INCOME_SOURCES),
            "family_planning_special": False,
            "left_behind": False,
            "cares_for_dependent_child": False,
            "lives_with_dependent_child_long_term": recipe.family == "dependent_child",
            "other": "",
        }
        facts |= self._found(resident.facts)
        if not resident.facts and chance.happens(0.1):
            facts |= dict.fromkeys(chance.some(CAN_BE_UNKNOWN, 2))
        if facts["economy"] is not None:
            facts["economy"] = list(facts["economy"])
            facts["monthly_income"] = self._income(facts["economy"])
        return facts

    def _found(self, options: Options) -> dict[str, Any]:
        found = {name: self.chance.pick(values) for name, values in options.items()}
        if found.get("serious_illness"):
            name, found["illness_words"] = self.chance.pick(words.SERIOUS_ILLNESSES)
            found["illness"] = self.illnesses[name]
            found["illness_evidence"] = found["illness"].evidence
        if found.get("other"):
            found["other"] = self.chance.pick(words.OTHER_REASONS)
        return found

    def _income(self, economy: list[str]) -> Decimal:
        low, high = (2600, 5200) if {"enterprise_pension", "public_pension"} & set(economy) else (380, 1250)
        return Decimal(self.chance.number(low, high))

    # Family

    def _family(self, home: Home, family: str) -> None:
        surname = home.people[0].elder.name[0]
        if family == "children":
            self._member(home, "儿子", "male", surname, (36, 56))
            self._member(home, "儿媳", "female", "", (34, 55))
        elif family == "grandchild":
            self._member(home, "孙子", "male", surname, (7, 15))
        elif family == "dependent_child":
            sex = self.chance.pick(("female", "male"))
            relation = "女儿" if sex == "female" else "儿子"
            self._member(home, relation, sex, surname, (33, 52), health="智力残疾二级，生活不能自理")
        if home.people[0].forms[0].child_location == "elsewhere":
            often = self.chance.happens(0.4)
            self._member(home, "女儿", "female", surname, (36, 56), lives_here=False, visits_often=often)

    def _member(
        self,
        home: Home,
        relation: str,
        sex: str,
        surname: str,
        ages: tuple[int, int],
        *,
        health: str = "健康",
        lives_here: bool = True,
        visits_often: bool = True,
    ) -> None:
        birth_date = self.chance.day(birthday(self.today, -ages[1]), birthday(self.today, -ages[0]))
        home.members.append(
            HouseholdMember(
                id=self.chance.uuid(),
                household=home.household,
                name=self.names.younger(sex, surname),
                sex=sex,
                relation=relation,
                id_number=self.papers.id_number(birth_date, sex) if lives_here else "",
                birth_date=birth_date if lives_here else None,
                health=health,
                lives_here=lives_here,
                visits_often=visits_often,
            )
        )
