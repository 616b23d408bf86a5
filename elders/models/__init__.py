"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them.

`households` holds the dwelling, its family members and the worker named for it; `elders` the elder with the state of
the record; `registrations` what was found out about an elder, by the form, the assessment and the consent; `periods`
what holds of an elder over a span of days: active, paused, of a class; `overrides` what the town decides of a class
by hand.
Imports go one way: households ← elders ← registrations, overrides ← periods.
"""

from elders.models.elders import Elder
from elders.models.households import Assignment, Household, HouseholdMember, Sex
from elders.models.overrides import ClassOverride, RiskClass
from elders.models.periods import ActivePeriod, ClassPeriod, Pause
from elders.models.registrations import Assessment, Consent, RegistrationForm

__all__ = [
    "ActivePeriod",
    "Assessment",
    "Assignment",
    "ClassOverride",
    "ClassPeriod",
    "Consent",
    "Elder",
    "Household",
    "HouseholdMember",
    "Pause",
    "RegistrationForm",
    "RiskClass",
    "Sex",
]
