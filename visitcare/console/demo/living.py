"""How a made-up household lives, what it draws every month, and who helps it."""

from decimal import Decimal

from elders.models import AssistanceItem, CarePlan, Household
from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.households import Home, Person
from visitcare.kit.identity import age_on

PENSIONS = {
    "resident_pension": (210, 320),
    "enterprise_pension": (2600, 4200),
    "public_pension": (4300, 5200),
}
ASSISTANCE = {"dispersed_destitute": ("特困供养金", 1250), "subsistence_allowance": ("低保金", 860)}
OLD_AGE, OLD_AGE_ITEM = 80, ("尊老金", 60)
SEVERE, SEVERE_ITEM = 2, ("重度残疾人护理补贴", 120)


def furnish(chance: Chance, home: Home) -> None:
    """Fill in parts 3 and 4 of annex 3, and what was agreed with each elder; a tenth was not asked everything."""
    household = home.household
    household.water_safe = True
    household.power_safe = chance.happens(0.96)
    household.housing_safe = chance.happens(0.95)
    household.age_friendly = chance.pick(words.AGE_FRIENDLY)
    if chance.happens(0.9):
        _income(chance, home)
        _help(chance, household, village=home.village.division.name)
    for person in home.people:
        if chance.happens(0.85):
            person.plans.append(_plan(chance, person))


def _income(chance: Chance, home: Home) -> None:
    household, wanted = home.household, dict[str, int]()
    said = [(person, set(person.forms[0].economy or ())) for person in home.people]
    pension = sum(
        chance.number(*amount) for _, economy in said for name, amount in PENSIONS.items() if name in economy
    )
    for person, economy in said:
        items = [item for name, item in ASSISTANCE.items() if name in economy]
        if age_on(person.elder.birth_date, person.registered_on) >= OLD_AGE:
            items.append(OLD_AGE_ITEM)
        if 1 <= (person.forms[0].disability_grade or 0) <= SEVERE:
            items.append(SEVERE_ITEM)
        for name, amount in items:
            wanted[name] = wanted.get(name, 0) + amount
    household.has_pension = pension > 0
    household.pension_monthly = Decimal(pension) if pension else None
    household.has_assistance = bool(wanted)
    home.assistance = [
        AssistanceItem(id=chance.uuid(), household=household, name=name, monthly_amount=Decimal(amount))
        for name, amount in wanted.items()
    ]


def _help(chance: Chance, household: Household, *, village: str) -> None:
    bodies = [Household.HelpingBody.LOCAL]
    if chance.happens(0.3):
        bodies.append(chance.pick((Household.HelpingBody.VOLUNTEERS, Household.HelpingBody.SOCIAL_WORKERS)))
    household.helping_bodies = list(bodies)
    household.help_responsible = f"{village.removesuffix('委会')}村委会"
    household.help_measures = chance.pick(words.HELP_MEASURES)


def _plan(chance: Chance, person: Person) -> CarePlan:
    return CarePlan(
        id=chance.uuid(),
        elder=person.elder,
        agreed_on=person.registered_on,
        content=chance.pick(words.CARE_PLANS),
        agreed_with=person.elder.name,
    )
