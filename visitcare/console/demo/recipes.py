"""The kinds of households a county has, as a table: who lives there and what is found of them.

Every class and every rule of the notice (part 2) is among them. The engine gives the class; nothing here names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, tuple[Any, ...]]
"""For each fact the values one of which is drawn."""

ALLOWANCE = ("subsistence_allowance", "resident_pension")
DESTITUTE = ("dispersed_destitute",)
SICK: Options = {"serious_illness": (True,)}
DISABLED = ("moderate", "severe", "total")


@dataclass(frozen=True, slots=True)
class Resident:
    """One elder: age today (both ends included), facts, and the levels of ability one of which was assessed
    (empty: as life goes, and with some not assessed)."""

    ages: tuple[int, int]
    facts: Options = field(default_factory=dict)
    abilities: tuple[str, ...] = ()
    turns_80: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One kind of household. `weight` is how common it is among a hundred; `child` where the children live;
    `family` who else lives there."""

    weight: int
    living: str
    residents: tuple[Resident, ...]
    child: tuple[str, ...] = ("elsewhere", "elsewhere", "none")
    family: str = ""
    status: str = ""


OLD, YOUNG = (80, 93), (62, 79)

RECIPES: tuple[Recipe, ...] = (
    # Living alone
    Recipe(0, "alone", (Resident((79, 79), turns_80="this week"),)),
    Recipe(0, "alone", (Resident((79, 79), SICK, turns_80="next week"),)),
    Recipe(13, "alone", (Resident(OLD),)),
    Recipe(16, "alone", (Resident(YOUNG),)),
    Recipe(5, "alone", (Resident(YOUNG, SICK),)),
    Recipe(4, "alone", (Resident(YOUNG, {"disability_grade": (1, 2)}),)),
    Recipe(4, "alone", (Resident(YOUNG, {"economy": (ALLOWANCE,)}, ("mild", "moderate", "severe")),)),
    Recipe(2, "alone", (Resident(YOUNG, {"family_planning_special": (True,)}),), child=("none",)),
    Recipe(
        2, "alone", (Resident(YOUNG, {"economy": (DESTITUTE,)}, ("moderate", "severe")),), child=("none",)
    ),
    Recipe(3, "alone", (Resident((80, 90), {"cannot_speak_or_hear": (True,), "disability_grade": (2, 3)}),)),
    # Couples
    Recipe(6, "elders_only", (Resident(OLD), Resident(OLD))),
    Recipe(4, "elders_only", (Resident((80, 86)), Resident((74, 79)))),
    Recipe(13, "elders_only", (Resident(YOUNG), Resident(YOUNG))),
    Recipe(5, "elders_only", (Resident(YOUNG, abilities=DISABLED), Resident(YOUNG))),
    Recipe(3, "elders_only", (Resident(YOUNG, SICK), Resident(YOUNG))),
    Recipe(2, "elders_only", (Resident((70, 79), {"dementia": (True,)}), Resident((68, 79)))),
    Recipe(
        2,
        "elders_only",
        (Resident(YOUNG, {"economy": (ALLOWANCE,)}, DISABLED), Resident(YOUNG, {"economy": (ALLOWANCE,)})),
    ),
    Recipe(
        1,
        "elders_only",
        (
            Resident((70, 79), {"family_planning_special": (True,)}, ("mild", "moderate")),
            Resident((70, 79), {"family_planning_special": (True,)}),
        ),
        child=("none",),
    ),
    # With a child who cannot look after themselves
    Recipe(
        3,
        "with_dependent_child",
        (Resident((63, 79), {"cares_for_dependent_child": (True,)}),),
        child=("same_home",),
        family="dependent_child",
    ),
    # With others of the family
    Recipe(8, "with_family", (Resident(OLD),), child=("same_home",), family="children"),
    Recipe(4, "with_family", (Resident(YOUNG, abilities=DISABLED),), child=("same_home",), family="children"),
    Recipe(5, "with_family", (Resident(YOUNG, {"left_behind": (True,)}),), family="grandchild"),
    Recipe(1, "with_family", (Resident((62, 76), {"other": ("said",)}),), family="grandchild"),
    # Not in scope, so far
    Recipe(
        2, "with_family", (Resident((62, 70)),), child=("same_home",), family="children", status="waiting"
    ),
)
