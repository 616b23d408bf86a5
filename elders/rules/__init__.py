"""Classification (notice part 2 and annex 1): who is in scope, and in which class A, B or C.

Pure: facts and a policy in, a verdict with its reasons out. A fact may be unknown (None), which is not "no": it
counts as false or none for the verdict, and every rule that it could still make match names it under `missing`.

`facts` holds what may be known of an elder, with its words and bounds; `statuses` what follows from it, and how the
unknown is reckoned with. On these stand the two tables of the notice: `table`, the rules A1 to B3 and C, and
`categories`, the ten kinds of elders in scope. `missing` searches for what could still change the answer, `reasons` puts each
answer into words, and `verdict` brings all of it together in `classify`. `suggestions` says where the letter seems too
mild, `causes` what made the difference between two verdicts. Each imports only those named before it.
"""

from elders.rules.categories import CATEGORY_WORDS
from elders.rules.causes import COMPANY, causes_of
from elders.rules.facts import (
    ADULT_OLD,
    ADVANCED,
    ECONOMY_WORDS,
    FACT_WORDS,
    FAMILY_PLANNING_AGE,
    KNOWABLE,
    LIVING_WORDS,
    LOCATION_WORDS,
    SCORES,
    Facts,
    Health,
)
from elders.rules.suggestions import SUGGESTION_BY_CODE, SUGGESTIONS, Suggestion, suggest
from elders.rules.table import ALL_RULES, RULE_BY_CODE
from elders.rules.verdict import RuleResult, Verdict, classify

__all__ = [
    "ADULT_OLD",
    "ADVANCED",
    "ALL_RULES",
    "CATEGORY_WORDS",
    "COMPANY",
    "ECONOMY_WORDS",
    "FACT_WORDS",
    "FAMILY_PLANNING_AGE",
    "KNOWABLE",
    "LIVING_WORDS",
    "LOCATION_WORDS",
    "RULE_BY_CODE",
    "SCORES",
    "SUGGESTIONS",
    "SUGGESTION_BY_CODE",
    "Facts",
    "Health",
    "RuleResult",
    "Suggestion",
    "Verdict",
    "causes_of",
    "classify",
    "suggest",
]
