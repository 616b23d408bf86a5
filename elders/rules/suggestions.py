"""Where the letter of the notice seems too mild: what the town might consider. It never decides.

Each row stands close to a rule, says why the letter of that rule does not reach the elder, and names the class that
an elder in the same danger has by it. It asks what is known: what is unknown suggests nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from elders.rules.facts import ADVANCED, Facts
from elders.rules.statuses import Status, Term, all_of, any_of, derive, known
from elders.rules.table import RULE_BY_CODE
from elders.rules.verdict import Verdict
from visitcare.policy.rules import CarePolicy


def _helpless_and_alone(s: Status) -> Term:
    """The situation of A2, but for the allowance."""
    return all_of(any_of(s.disabled, s.semi_disabled), any_of(s.alone, s.empty_nest))


def _gets(s: Status, help_: str) -> Term:
    economy = s.facts.economy
    return ("economy",) if economy is None else help_ in economy


def _destitute(s: Status) -> Term:
    return all_of(_gets(s, "dispersed_destitute"), _helpless_and_alone(s))


def _marginal(s: Status) -> Term:
    return all_of(_gets(s, "marginal"), _helpless_and_alone(s))


def _dementia(s: Status) -> Term:
    return s.age < ADVANCED and all_of(s.alone, s.dementia)


def _disabled(s: Status) -> Term:
    return s.age < ADVANCED and all_of(s.alone, s.facts.ability in ("severe", "total"))


def _frail_with_child(s: Status) -> Term:
    facts = s.facts
    with_child = any_of(
        facts.living == "with_dependent_child",
        known(facts.lives_with_dependent_child_long_term, "lives_with_dependent_child_long_term"),
    )
    nobody_able = facts.able_adult_at_home is False
    frail = any_of(s.severe_disability, s.serious_illness, s.disabled, s.dementia)
    return s.age >= ADVANCED and nobody_able and all_of(with_child, frail)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row of the table: `near` is the rule that it stands close to, `words` why its letter does not reach."""

    code: str
    title: str
    risk_class: str
    near: str
    words: str
    holds: Callable[[Status], Term]

    @property
    def clause(self) -> str:
        return RULE_BY_CODE[self.near].clause


SUGGESTIONS: tuple[Suggestion, ...] = (
    Suggestion(
        "destitute_like_a2",
        "特困人员失能、半失能，又独居或空巢",
        "A",
        "A2",
        "处境和A2一样：失能或半失能，又独居或空巢。A2写的是“低保家庭”，特困人员不是低保，按字面套不上；"
        "但特困人员没有生活来源，也没有能赡养的人（附件1第7条），困难不比低保家庭轻",
        _destitute,
    ),
    Suggestion(
        "marginal_like_a2",
        "低保边缘家庭中失能、半失能，又独居或空巢",
        "B",
        "A2",
        "处境和A2一样：失能或半失能，又独居或空巢。A2写的是“低保家庭”，低保边缘按字面套不上，落到了C类",
        _marginal,
    ),
    Suggestion(
        "dementia_like_b1",
        "失智又独居",
        "B",
        "B1",
        "独居的失智老人。B1写的是“重残、重病”，没有写失智；B2把失智和残疾、重病并列，但只管两位老人同住的",
        _dementia,
    ),
    Suggestion(
        "disabled_like_b1",
        "评为重度、完全失能又独居",
        "B",
        "B1",
        "独居，能力评估是重度或完全失能。B1写的“重残”按附件1第5条要有一、二级残疾证，没有办证的按字面套不上",
        _disabled,
    ),
    Suggestion(
        "frail_like_b3",
        "高龄，重残、重病或失能失智，只和没有自理能力的子女同住",
        "B",
        "B3",
        "家里没有能照料的人，和独居、空巢差不多。A1要独居或空巢，B1要未满80周岁，B3要老人在照料子女，按字面都套不上",
        _frail_with_child,
    ),
)
SUGGESTION_BY_CODE = {suggestion.code: suggestion for suggestion in SUGGESTIONS}


def suggest(facts: Facts, verdict: Verdict, policy: CarePolicy) -> tuple[str, ...]:
    """The codes of the rows that hold and would raise the class; of several classes the highest."""
    by_letter = verdict.risk_class
    if by_letter is None or by_letter == "A":
        return ()
    status = derive(facts, policy)
    found = [row for row in SUGGESTIONS if row.risk_class < by_letter and row.holds(status) is True]
    highest = min((row.risk_class for row in found), default="")
    return tuple(row.code for row in found if row.risk_class == highest)
