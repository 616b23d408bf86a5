"""What the visits found: most of it solved by now, some of it open, a little of it overdue."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.staff import Staff
from visitcare.kit.weeks import local_day
from visits.models import Referral, Visit

SEEN_SOLVED = "探访时看到已经解决"


def write_referrals(
    *, chance: Chance, staff: Staff, referrals: Sequence[Referral], visits: Sequence[Visit], today: date
) -> None:
    """Close those that had time enough, by the next visit or by somebody of the village or town; write them all."""
    later: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.outcome in ("met", "spoke"):
            later[visit.household_id].append(visit)
    for referral in referrals:
        referral.id = chance.uuid()
        age = (today - local_day(referral.opened_at)).days
        if age > 5 and chance.happens(0.97 if age > 21 else 0.75):
            _solve(chance, staff, referral, later[referral.household_id], today)
    Referral.objects.bulk_create(referrals, batch_size=1_000)


def _solve(chance: Chance, staff: Staff, referral: Referral, visits: Sequence[Visit], today: date) -> None:
    after = referral.opened_at + timedelta(days=3)
    seen = [visit for visit in visits if visit.started_at > after]
    referral.state = Referral.State.SOLVED
    if seen and chance.happens(0.5):
        next_visit = min(seen, key=lambda visit: visit.started_at)
        referral.solved_by, referral.solved_at = next_visit.worker, next_visit.started_at
        referral.outcome = SEEN_SOLVED
        return
    day = local_day(referral.opened_at) + timedelta(days=chance.number(2, 16))
    village = referral.village_code
    referral.solved_by = chance.pick((staff.cadres[village].user, staff.reviewers[village[:9]]))
    referral.solved_at = chance.moment(min(day, today - timedelta(days=1)), "08:30", "17:00")
    referral.outcome = chance.pick(words.SOLVED[referral.area])
