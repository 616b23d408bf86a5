"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them.

`households` holds the dwelling, its family members, its help and the worker named for it; `elders` the elder with
the state of the record; `registrations` what was found out about an elder, by the form, the assessment, the
consent and the plan of care; `periods` what holds of an elder over a span of days: on the books, paused, of a
class; `overrides` what the town decides of a class by hand; `moves` who moves where, and when; `drafts` what is
being filled in on phones and waits for the town. Imports go one way: households ← elders ← all others, and of
those overrides ← periods.
"""

from elders.models.drafts import RegistrationDraft
from elders.models.elders import Elder
from elders.models.households import Assignment, AssistanceItem, Household, HouseholdMember, Sex
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

__all__ = [
    "ActivePeriod",
    "Assessment",
    "Assignment",
    "AssistanceItem",
    "CarePlan",
    "ClassOverride",
    "ClassPeriod",
    "Consent",
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
    "SeriousIllness",
    "Sex",
]
