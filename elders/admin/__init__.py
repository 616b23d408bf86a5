"""The registry in the offices' admin: households, elders, registrations, assessments, classes, overrides, moves,
screenings; and who goes when a worker does not."""

from elders.admin.assessments import AssessmentAdmin
from elders.admin.classes import ClassPeriodAdmin
from elders.admin.elders import ElderAdmin
from elders.admin.households import HouseholdAdmin
from elders.admin.illnesses import SeriousIllnessAdmin
from elders.admin.moves import MoveAdmin
from elders.admin.overrides import ClassOverrideAdmin
from elders.admin.registrations import RegistrationFormAdmin
from elders.admin.rounds import StandInAdmin
from elders.admin.screened import ScreenedPersonAdmin
from elders.admin.screening import ScreeningRoundAdmin

__all__ = [
    "AssessmentAdmin",
    "ClassOverrideAdmin",
    "ClassPeriodAdmin",
    "ElderAdmin",
    "HouseholdAdmin",
    "MoveAdmin",
    "RegistrationFormAdmin",
    "ScreenedPersonAdmin",
    "ScreeningRoundAdmin",
    "SeriousIllnessAdmin",
    "StandInAdmin",
]
