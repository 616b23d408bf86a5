"""Visits in the offices' admin: the review queue, the week's obligations, campaigns beyond them, what visits found."""

from visits.admin.campaigns import CampaignAdmin
from visits.admin.drawn import CampaignElderAdmin
from visits.admin.obligations import ObligationAdmin
from visits.admin.referrals import ReferralAdmin
from visits.admin.visits import VisitAdmin

__all__ = ["CampaignAdmin", "CampaignElderAdmin", "ObligationAdmin", "ReferralAdmin", "VisitAdmin"]
