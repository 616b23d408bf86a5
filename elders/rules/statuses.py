"""Terms, in which the unknown is neither yes nor no, and the statuses of an elder that follow from the facts."""

from dataclasses import dataclass

from elders.rules.facts import Facts, Health
from visitcare.kit.identity import age_on
from visitcare.policy.rules import CarePolicy

DISABLED = frozenset({"moderate", "severe", "total"})
IN_COUNTY = frozenset({"same_home", "same_county"})

Term = bool | tuple[str, ...]
"""True, False, or the unknown facts that could still make it true."""


def known(value: bool | None, name: str) -> Term:
    return (name,) if value is None else value


def all_of(*terms: Term) -> Term:
    missing: tuple[str, ...] = ()
    for term in terms:
        if term is False:
            return False
        if term is not True:
            missing += term
    return missing or True


def any_of(*terms: Term) -> Term:
    missing: tuple[str, ...] = ()
    for term in terms:
        if term is True:
            return True
        if term is not False:
            missing += term
    return missing or False


@dataclass(slots=True)
class Status:
    """What follows from the facts, each as a term: the words of the notice."""

    facts: Facts
    age: int
    alone: Term
    empty_nest: Term
    disabled: Term
    semi_disabled: Term
    any_disability: Term
    severe_disability: Term
    serious_illness: Term
    dementia: Term

    @property
    def health_risk(self) -> Term:
        return any_of(self.disabled, self.dementia, self.any_disability, self.serious_illness)


def derive(facts: Facts, policy: CarePolicy) -> Status:
    """The statuses of domain.md §1. Unknown kin count as none; P kin_in_county_breaks_alone."""
    kin_breaks = policy.kin_in_county_breaks_alone
    child_near = kin_breaks and facts.child_location in IN_COUNTY
    spouse_near = kin_breaks and facts.spouse_location in IN_COUNTY
    living, ability, grade = facts.living, facts.ability, facts.disability_grade
    return Status(
        facts=facts,
        age=age_on(facts.birth_date, facts.as_of),
        alone=False if child_near or spouse_near else ("living",) if living is None else living == "alone",
        empty_nest=False if child_near else ("living",) if living is None else living == "elders_only",
        disabled=("ability",) if ability is None else ability in DISABLED,
        semi_disabled=("ability",) if ability is None else ability in policy.semi_disabled,
        any_disability=("disability_grade",) if grade is None else grade > 0,
        severe_disability=("disability_grade",) if grade is None else 0 < grade <= 2,
        serious_illness=known(facts.serious_illness, "serious_illness"),
        dementia=known(facts.dementia, "dementia"),
    )


def cohabitant_at_risk(other: Health) -> Term:
    if other.ability in DISABLED or other.dementia or other.disability_grade or other.serious_illness:
        return True
    unknown = None in (other.ability, other.dementia, other.disability_grade, other.serious_illness)
    return ("cohabiting_elders",) if unknown else False
