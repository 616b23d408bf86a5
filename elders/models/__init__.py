"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them.

`households` holds the dwelling, its family members, its help and the worker named for it; `elders` the elder with
the state of the record; `registrations` what was found out about an elder, by the form, the assessment, the
consent and the plan of care; `periods` what holds of an elder over a span of days: on the books, paused, of a
class; `overrides` what the town decides of a class by hand; `moves` who moves where, and when; `drafts` what is
being filled in on phones and waits for the town; `screening` the rounds over a village; `rounds` who goes when a worker
does not. Imports go one way: rounds ← households ← elders ← all others, and of those overrides ← periods.
"""

from elders.models.drafts import RegistrationDraft
from elders.models.elders import Elder
from elders.models.households import (
    Assignment,
    AssistanceItem,
    Household,
    HouseholdMember,
    Sex,
    named_while_serving,
    round_within,
    rounds_within,
    stood_in_for,
)
from elders.models.moves import Move
from elders.models.overrides import ClassOverride, RiskClass
from elders.models.periods import ActivePeriod, ClassPeriod, Pause, Residence
from elders.models.registrations import (
    Assessment,
    CarePlan,
    Consent,
    Proposal,
    RegistrationForm,
    SeriousIllness,
)
from elders.models.rounds import (
    WEEKDAY_WORDS,
    DaysOff,
    StandIn,
    in_days,
    serving_there,
    stand_ins_of,
    stand_ins_then,
)
from elders.models.screening import ScreenedPerson, ScreeningRound

__all__ = [
    "WEEKDAY_WORDS",
    "ActivePeriod",
    "Assessment",
    "Assignment",
    "AssistanceItem",
    "CarePlan",
    "ClassOverride",
    "ClassPeriod",
    "Consent",
    "DaysOff",
    "Elder",
    "Household",
    "HouseholdMember",
    "Move",
    "Pause",
    "Proposal",
    "RegistrationDraft",
    "RegistrationForm",
    "Residence",
    "RiskClass",
    "ScreenedPerson",
    "ScreeningRound",
    "SeriousIllness",
    "Sex",
    "StandIn",
    "in_days",
    "named_while_serving",
    "round_within",
    "rounds_within",
    "serving_there",
    "stand_ins_of",
    "stand_ins_then",
    "stood_in_for",
]
