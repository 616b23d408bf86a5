"""Classifying with all reasons."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from elders.ndjson import verdict_json
from elders.rules import Facts, Health, classify
from tests.bench.harness import Row, seconds
from visitcare.policy.rules import CarePolicy

ELDERS = 50_000
POLICY = CarePolicy()
DAY = date(2026, 10, 31)


def some_facts(chance: random.Random) -> Facts:
    """An elder as registries have them: nearly everything known, most of it well."""

    def seldom() -> bool:
        return chance.random() < 0.1

    return Facts(
        as_of=DAY,
        birth_date=DAY - timedelta(days=chance.randrange(60 * 365, 95 * 365)),
        living=chance.choice(["alone", "alone", "elders_only", "elders_only", "with_family"]),
        spouse_location=chance.choice(["none", "same_home"]),
        child_location=chance.choice(["none", "elsewhere", "same_county"]),
        ability=chance.choice([None, "intact", "intact", "mild", "moderate"]),
        dementia=seldom(),
        disability_grade=chance.choice([0, 0, 0, 2, 3]),
        serious_illness=seldom(),
        economy=frozenset(
            {"resident_pension", "subsistence_allowance"} if seldom() else {"resident_pension"}
        ),
        family_planning_special=seldom(),
        left_behind=seldom(),
        cares_for_dependent_child=seldom(),
        lives_with_dependent_child_long_term=seldom(),
        other="",
        able_adult_at_home=seldom(),
        cohabiting_elders=chance.choice([(), (Health("intact", False, 0, seldom()),)]),
    )


def nothing(facts: Facts, policy: CarePolicy) -> None:
    pass


def as_json(facts: Facts, policy: CarePolicy) -> object:
    return verdict_json(classify(facts, policy))


def measure() -> Iterator[Row]:
    chance = random.Random(1)
    elders = [some_facts(chance) for _ in range(ELDERS)]

    def each(judge: Callable[[Facts, CarePolicy], object]) -> float:
        def all_of_them() -> None:
            for facts in elders:
                judge(facts, POLICY)

        return seconds(all_of_them) / ELDERS

    floor = each(nothing)
    yield Row("classify, one elder", ELDERS, "an empty function", floor, each(classify), "< 20 µs")
    yield Row("classify, one elder, as JSON", ELDERS, "an empty function", floor, each(as_json), "< 30 µs")
