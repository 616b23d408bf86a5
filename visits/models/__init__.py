"""The week's duties and plan, the visits that were made, what speaks against them, and what they found.

`weeks` holds what is owed and planned, `reckonings` how closed weeks stand, `campaigns` what is asked for beyond the weeks,
`visits` the records with their flags and reviews, `rechecks` what is to be looked at once more, `photos` what was seen,
`referrals` what was found, `inbox` what phones have sent, `inquiries` what was done about elders whom nobody reached;
`contacts` the ways of visiting, `villages` what all rows of a village share.
"""

from visits.models.campaigns import Campaign, CampaignElder
from visits.models.contacts import MOST_WORDS, Area, Mode, Outcome, note_words
from visits.models.inbox import KeptBack, Received
from visits.models.inquiries import Alert, Inquiry, UnreachedElder
from visits.models.photos import Photo
from visits.models.rechecks import Recheck
from visits.models.reckonings import Excuse, Progress, Reckoning
from visits.models.referrals import Referral
from visits.models.villages import VillageQuerySet, village_code_field
from visits.models.visits import Flag, Review, Visit, VisitedElder
from visits.models.weeks import Obligation, OpenedWeek, PlannedVisit

__all__ = [
    "MOST_WORDS",
    "Alert",
    "Area",
    "Campaign",
    "CampaignElder",
    "Excuse",
    "Flag",
    "Inquiry",
    "KeptBack",
    "Mode",
    "Obligation",
    "OpenedWeek",
    "Outcome",
    "Photo",
    "PlannedVisit",
    "Progress",
    "Received",
    "Recheck",
    "Reckoning",
    "Referral",
    "Review",
    "UnreachedElder",
    "VillageQuerySet",
    "Visit",
    "VisitedElder",
    "note_words",
    "village_code_field",
]
