"""The search for unknown facts that could still change the verdict."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from operator import attrgetter
from typing import Any

from elders.rules.categories import categories_of
from elders.rules.facts import KNOWABLE, Facts
from elders.rules.statuses import derive
from elders.rules.table import RULES
from visitcare.policy.rules import CarePolicy

_knowable = attrgetter(*KNOWABLE)


def all_missing(facts: Facts, could: tuple[str, ...]) -> tuple[str, ...]:
    """Every fact that is unknown, and what a rule misses in one that is known in part."""
    values = _knowable(facts)
    if not could and None not in values:
        return ()
    return tuple(
        [name for name, value in zip(KNOWABLE, values, strict=True) if value is None or name in could]
    )


def each_once(missing: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(missing)) if len(missing) > 1 else missing


_ANSWERS: dict[str, tuple[Any, ...]] = {
    "living": ("alone", "elders_only", "with_family", "institution"),
    "spouse_location": ("same_county",),
    "child_location": ("same_county",),
    "ability": ("mild", "moderate"),
    "dementia": (True,),
    "disability_grade": (1, 3),
    "economy": (frozenset({"dispersed_destitute"}),),
    "able_adult_at_home": (True,),
    "other": ("?",),
}
"""The answers to an unknown fact that can matter to C; True to a fact that is not named here."""
_AGAINST = ("living", "spouse_location", "child_location", "able_adult_at_home")
"""Unknown, these count in favour of A and B: no kin near, nobody able at home."""


def _falls_to_c(facts: Facts, policy: CarePolicy) -> bool:
    """Whether C would match: in scope, and neither A nor B."""
    status = derive(facts, policy)
    if any(rule.holds(status) is True for rule in RULES):
        return False
    return any(term is True for _, term in categories_of(status))


def missing_of_c(facts: Facts, policy: CarePolicy, first: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is not known and could make an elder C; `first` those that are told first."""
    if None not in _knowable(facts) and not _open_facts(facts, policy):
        return ()
    found = _could_be_c(facts, policy)
    return tuple(name for name in each_once((*first, *_AGAINST, *KNOWABLE)) if name in found)


def _could_be_c(facts: Facts, policy: CarePolicy) -> set[str]:
    """The unknown facts whose answers, alone or together, would make an elder C: what undoes A and B, what opens a
    category, or both. Of several ways the shorter; a fact that only comes along is not named."""
    unknown = [name for name in _AGAINST if getattr(facts, name) is None]
    ways: list[set[str]] = []

    def lead_to_c(names: set[str], answered: Facts) -> None:
        if not any(way <= names for way in ways) and _falls_to_c(answered, policy):
            ways.append(names)

    for names, answered in _combined(facts, unknown):
        lead_to_c(names, answered)
        for opening in _open_facts(answered, policy):
            for answer in _ANSWERS.get(opening, (True,)):
                lead_to_c(names | {opening}, replace(answered, **{opening: answer}))
    return set().union(*ways)


def _combined(facts: Facts, unknown: list[str]) -> Iterator[tuple[set[str], Facts]]:
    """Every way to answer none, one or several of these facts, fewer first."""
    for size in range(len(unknown) + 1):
        for names in combinations(unknown, size):
            for answers in product(*(_ANSWERS[name] for name in names)):
                yield set(names), replace(facts, **dict(zip(names, answers, strict=True)))


def _open_facts(facts: Facts, policy: CarePolicy) -> tuple[str, ...]:
    """The unknown facts on which a category hangs."""
    terms = (term for _, term in categories_of(derive(facts, policy)) if not isinstance(term, bool))
    return each_once(tuple(name for term in terms for name in term))
