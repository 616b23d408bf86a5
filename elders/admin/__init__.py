"""The registry in the offices' admin: households, elders, registrations, classes."""

from elders.admin.classes import ClassPeriodAdmin
from elders.admin.elders import ElderAdmin
from elders.admin.households import HouseholdAdmin
from elders.admin.moves import MoveAdmin
from elders.admin.registrations import RegistrationFormAdmin

__all__ = ["ClassPeriodAdmin", "ElderAdmin", "HouseholdAdmin", "MoveAdmin", "RegistrationFormAdmin"]
