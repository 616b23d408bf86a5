"""The registry in the offices' admin: households, elders, registrations, classes."""

from elders.admin.classes import ClassPeriodAdmin
from elders.admin.elders import ElderAdmin
from elders.admin.households import HouseholdAdmin
from elders.admin.illnesses import SeriousIllnessAdmin
from elders.admin.registrations import RegistrationFormAdmin
from elders.admin.screening import ScreenedPersonAdmin, ScreeningRoundAdmin

__all__ = [
    "ClassPeriodAdmin",
    "ElderAdmin",
    "HouseholdAdmin",
    "RegistrationFormAdmin",
    "ScreenedPersonAdmin",
    "ScreeningRoundAdmin",
    "SeriousIllnessAdmin",
]
