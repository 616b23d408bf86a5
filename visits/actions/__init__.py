"""The only writers of weeks, visits, referrals and inquiries."""

from visits.actions.correcting import correct_visit
from visits.actions.inquiring import inquire, tell_towns
from visits.actions.intake import Finding, Intake, Logged, Record, VisitConflict, VisitRefused
from visits.actions.logging import log_visit, withdraw_visit
from visits.actions.referrals import solve_referral
from visits.actions.reviewing import accept_unflagged, review_visits
from visits.actions.weeks import open_week

__all__ = [
    "Finding",
    "Intake",
    "Logged",
    "Record",
    "VisitConflict",
    "VisitRefused",
    "accept_unflagged",
    "correct_visit",
    "inquire",
    "log_visit",
    "open_week",
    "review_visits",
    "solve_referral",
    "tell_towns",
    "withdraw_visit",
]
