"""Visits in the offices' admin: the review queue, the week's obligations, campaigns beyond them, what visits found, what
phones have sent in vain, whom nobody reached."""

from visits.admin.campaigns import CampaignAdmin
from visits.admin.drawn import CampaignElderAdmin
from visits.admin.inbox import KeptBackAdmin
from visits.admin.obligations import ObligationAdmin
from visits.admin.referrals import ReferralAdmin
from visits.admin.unreached import UnreachedElderAdmin
from visits.admin.visits import VisitAdmin

__all__ = [
    "CampaignAdmin",
    "CampaignElderAdmin",
    "KeptBackAdmin",
    "ObligationAdmin",
    "ReferralAdmin",
    "UnreachedElderAdmin",
    "VisitAdmin",
]
