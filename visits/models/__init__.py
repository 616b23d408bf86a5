"""The week's duties and plan, the visits that were made, what speaks against them, and what they found.

`weeks` holds what is owed and planned, `reckonings` how closed weeks stand, `campaigns` what is asked for beyond the weeks,
`visits` the records with their flags and reviews, `referrals` what was found; `contacts` the ways of visiting, `villages`
what all rows of a village share.
"""

from visits.models.campaigns import Campaign, CampaignElder
from visits.models.contacts import Area, Mode, Outcome, note_words
from visits.models.reckonings import Excuse, Progress, Reckoning
from visits.models.referrals import Referral
from visits.models.villages import VillageQuerySet, village_code_field
from visits.models.visits import Flag, Review, Visit, VisitedElder
from visits.models.weeks import Obligation, OpenedWeek, PlannedVisit

__all__ = [
    "Area",
    "Campaign",
    "CampaignElder",
    "Excuse",
    "Flag",
    "Mode",
    "Obligation",
    "OpenedWeek",
    "Outcome",
    "PlannedVisit",
    "Progress",
    "Reckoning",
    "Referral",
    "Review",
    "VillageQuerySet",
    "Visit",
    "VisitedElder",
    "note_words",
    "village_code_field",
]
