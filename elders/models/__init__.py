"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them.

`households` holds the dwelling, its family members and the worker named for it; `elders` the elder with the state of
the record; `registrations` what was found out about an elder, by the form, the assessment and the consent; `periods`
what holds of an elder over a span of days: where they live, active, paused, of a class; `moves` who is about to live elsewhere.
Imports go one way: households ← elders ← registrations, periods, moves.
"""

from elders.models.elders import Elder
from elders.models.households import Assignment, Household, HouseholdMember, Sex
from elders.models.moves import Move
from elders.models.periods import ActivePeriod, ClassPeriod, Pause, Residence
from elders.models.registrations import Assessment, Consent, RegistrationForm

__all__ = [
    "ActivePeriod",
    "Assessment",
    "Assignment",
    "ClassPeriod",
    "Consent",
    "Elder",
    "Household",
    "HouseholdMember",
    "Move",
    "Pause",
    "RegistrationForm",
    "Residence",
    "Sex",
]
