"""The only writers of weeks, visits and referrals."""

from visits.actions.campaigns import end_campaign, set_up_campaign
from visits.actions.closing import close_weeks, reckon_changes
from visits.actions.correcting import correct_visit
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
    "close_weeks",
    "correct_visit",
    "end_campaign",
    "log_visit",
    "open_week",
    "reckon_changes",
    "review_visits",
    "set_up_campaign",
    "solve_referral",
    "withdraw_visit",
]
