"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them.

`households` holds the dwelling, its family members, its help and the worker named for it; `elders` the elder with the state of
the record; `registrations` what was found out about an elder, by the form, the assessment, the consent and the plan of care; `periods`
what holds of an elder over a span of days: active, paused, of a class; `screening` a town's rounds over all its old people.
Imports go one way: households ← elders ← registrations, periods ← screening.
"""

from elders.models.elders import Elder
from elders.models.households import Assignment, AssistanceItem, Household, HouseholdMember, Sex
from elders.models.periods import ActivePeriod, ClassPeriod, Pause
from elders.models.registrations import Assessment, CarePlan, Consent, RegistrationForm, SeriousIllness
from elders.models.screening import ScreenedPerson, ScreeningRound

__all__ = [
    "ActivePeriod",
    "Assessment",
    "Assignment",
    "AssistanceItem",
    "CarePlan",
    "ClassPeriod",
    "Consent",
    "Elder",
    "Household",
    "HouseholdMember",
    "Pause",
    "RegistrationForm",
    "ScreenedPerson",
    "ScreeningRound",
    "SeriousIllness",
    "Sex",
]
