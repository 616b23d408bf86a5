"""Contacts, duties, plan and checks of visits (notice part 3; domain.md §2 and §3). Pure: no Django, no database."""

from visits.rules.checks import CLOCK_TOLERANCE, Arrival, Doubt, Neighbour, Refusal, Visited, doubts, refusals
from visits.rules.contacts import (
    GREETING,
    HOME,
    MODE_WORDS,
    OUTCOME_WORDS,
    OUTCOMES,
    PHONE,
    STILL_TAKEN,
    VIDEO,
    is_backfilled,
    is_countable,
    is_late,
    kind_of,
)
from visits.rules.duties import Due, Standing, duty, standing, still_due
from visits.rules.findings import FINDING_WORDS, REFERRAL_DAYS
from visits.rules.planning import WEEKDAYS, WORKDAYS, Planned, plan_household

__all__ = [
    "CLOCK_TOLERANCE",
    "FINDING_WORDS",
    "GREETING",
    "HOME",
    "MODE_WORDS",
    "OUTCOMES",
    "OUTCOME_WORDS",
    "PHONE",
    "REFERRAL_DAYS",
    "STILL_TAKEN",
    "VIDEO",
    "WEEKDAYS",
    "WORKDAYS",
    "Arrival",
    "Doubt",
    "Due",
    "Neighbour",
    "Planned",
    "Refusal",
    "Standing",
    "Visited",
    "doubts",
    "duty",
    "is_backfilled",
    "is_countable",
    "is_late",
    "kind_of",
    "plan_household",
    "refusals",
    "standing",
    "still_due",
]
