"""Judging all elders again, as every night does, against reading the facts and judging them alone."""

from collections.abc import Iterator

from elders.actions import reclassify
from elders.actions.classification import HOUSEHOLDS_AT_ONCE
from elders.facts import FactBook
from elders.models import RegistrationForm
from elders.rules import classify
from tests.bench.county import Home
from tests.bench.harness import Row, seconds, undoing, undone
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy

CHANGED = 100


def measure(homes: list[Home]) -> Iterator[Row]:
    system, policy = User.objects.system(), CarePolicy()
    keys = [home.id for home in homes]
    elders = [elder for home in homes for elder in home.elders]

    def read_and_judge() -> None:
        for start in range(0, len(keys), HOUSEHOLDS_AT_ONCE):
            book = FactBook(keys[start : start + HOUSEHOLDS_AT_ONCE])
            for elder in book:
                classify(book.facts(elder, today()), policy)

    def judge_all() -> None:
        reclassify(by=system)

    def move_in() -> None:
        """Families move in with their elders, each of whom falls to another class by it."""
        chosen = elders[:: max(1, len(elders) // CHANGED)][:CHANGED]
        RegistrationForm.objects.filter(elder__in=chosen).update(
            living="with_family", able_adult_at_home=True
        )

    with undone():
        judge_all()  # the classes of the seed are not those of the rules
        floor, nothing = seconds(read_and_judge), seconds(undoing(judge_all))
        move_in()
        some = seconds(undoing(judge_all))
    floor_words = "read the facts and judge"
    yield Row("judge all elders again, nothing to write", len(elders), floor_words, floor, nothing, "≤ 2×")
    yield Row(f"judge all elders again, {CHANGED} to write", len(elders), floor_words, floor, some, "≤ 2×")
