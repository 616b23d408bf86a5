"""The only writers of weeks, visits, referrals and inquiries."""

from visits.actions.answering import Answer
from visits.actions.campaigns import end_campaign, set_up_campaign
from visits.actions.closing import close_weeks, reckon_changes
from visits.actions.correcting import correct_visit
from visits.actions.inquiring import inquire, tell_towns
from visits.actions.intake import Intake
from visits.actions.logging import log_visit, withdraw_visit
from visits.actions.measure import TooMuch
from visits.actions.mending import decline_kept, take_again, take_what_waits
from visits.actions.moving import move_planned
from visits.actions.own_kept import withdraw_kept
from visits.actions.phone_files import take_phone_file
from visits.actions.photos import (
    NoSuchVisit,
    PhotoConflict,
    add_photo,
    forget_old_photos,
    known_photo,
    look_at_photo,
)
from visits.actions.reading import read_item
from visits.actions.receiving import take_in
from visits.actions.rechecking import RecheckError, ask_for_recheck, uphold
from visits.actions.records import Finding, Logged, Record, VisitConflict, VisitRefused
from visits.actions.referrals import solve_referral
from visits.actions.reviewing import accept_unflagged, review_visits
from visits.actions.weeks import open_week

__all__ = [
    "Answer",
    "Finding",
    "Intake",
    "Logged",
    "NoSuchVisit",
    "PhotoConflict",
    "RecheckError",
    "Record",
    "TooMuch",
    "VisitConflict",
    "VisitRefused",
    "accept_unflagged",
    "add_photo",
    "ask_for_recheck",
    "close_weeks",
    "correct_visit",
    "decline_kept",
    "end_campaign",
    "forget_old_photos",
    "inquire",
    "known_photo",
    "log_visit",
    "look_at_photo",
    "move_planned",
    "open_week",
    "read_item",
    "reckon_changes",
    "review_visits",
    "set_up_campaign",
    "solve_referral",
    "take_again",
    "take_in",
    "take_phone_file",
    "take_what_waits",
    "tell_towns",
    "uphold",
    "withdraw_kept",
    "withdraw_visit",
]
