"""Review of visits by the town, by exception (domain.md §3)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visits.actions.closing import reckon_visits
from visits.actions.rechecking import answer_rechecks
from visits.actions.referrals import close_solved_in, reopen_solved_in
from visits.models import Review, Visit
from visits.models.villages import TOWN_DIGITS

DECISIONS = (Visit.State.VALID, Visit.State.RETURNED, Visit.State.INVALID)
AT_ONCE = 5_000


class ReviewError(ValueError):
    """A review that cannot be, in words for the reviewer."""


def review_visits(*, by: User, visits: "QuerySet[Visit]", state: str, reason: str = "") -> Counter[str]:
    """Decide on all visits of a queryset: valid, returned or invalid (these two with a reason).

    Return what happened to each: `decided`, `same` (was so already), `withdrawn` (left alone). All or nothing; a
    visit outside the reviewer's area raises NotAllowed.
    """
    if state not in DECISIONS:
        raise ReviewError("请选：通过、退回或无效。")
    if state != Visit.State.VALID and not reason.strip():
        raise ReviewError("退回和无效都要写原因，网格员会看到。")
    if len(reason) > 200:
        raise ReviewError(f"原因有 {len(reason)} 个字，太长了。请写在 200 个字以内。")
    now = timezone.now()
    done: Counter[str] = Counter()
    places: set[str] = set()
    with transaction.atomic():
        rows = (
            visits.order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", "state", "village_code", "worker")
        )
        chosen = []
        for pk, current, village, worker in rows:
            if not by.may(Right.REVIEW_VISIT, village):
                raise NotAllowed("里面有不是本镇的记录。请重新筛选。")
            if worker == by.pk:
                raise ReviewError("里面有您自己的探访记录，请同事来审核。")
            if current == Visit.State.WITHDRAWN:
                done["withdrawn"] += 1
            elif current == state:
                done["same"] += 1
            else:
                chosen.append(pk)
                places.add(village[:TOWN_DIGITS])
        _decide(by, chosen, state, reason, now)
        done["decided"] = len(chosen)
        if chosen:
            answer_rechecks(by=by, visits=chosen, answer=reason or Visit.State(state).label, now=now)
            record(
                by=by,
                verb="review_visits",
                words=f"审核 {len(chosen)} 条探访记录：{Visit.State(state).label}",
                reason=reason,
                where=Division.objects.filter(pk__in=places).first() if len(places) == 1 else None,
                data={"visits": [str(pk) for pk in chosen[:100]]},
            )
    return done


def _decide(by: User, visits: Sequence[UUID], state: str, reason: str, now: datetime) -> None:
    for start in range(0, len(visits), AT_ONCE):
        batch = visits[start : start + AT_ONCE]
        Visit.objects.filter(pk__in=batch).update(
            state=state, reviewed_by=by, reviewed_at=now, review_reason=reason
        )
        Review.objects.bulk_create(
            (Review(visit_id=pk, at=now, by=by, state=state, reason=reason) for pk in batch),
            batch_size=AT_ONCE,
        )
        (close_solved_in if state == Visit.State.VALID else reopen_solved_in)(batch)
    decided = f"审核探访：{Visit.State(state).label}"
    reckon_visits(by=by, visits=visits, why=f"{decided}，{reason}" if reason else decided)


def record_reviews(*, by: User, visits: Sequence[UUID], state: str, reason: str) -> None:
    """The decisions that came with imported visits, which somebody made elsewhere (contracts.md, *Visits*)."""
    if not visits:
        return
    with transaction.atomic():
        now = timezone.now()
        held = Visit.objects.filter(pk__in=visits).exclude(state=Visit.State.WITHDRAWN).order_by("pk")
        standing = list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
        _decide(by, standing, state, reason, now)
        answer_rechecks(by=by, visits=standing, answer=reason or Visit.State(state).label, now=now)
        record(
            by=by,
            verb="record_reviews",
            words=f"导入 {len(visits)} 条探访的审核结果：{Visit.State(state).label}",
        )


def accept_unflagged(*, by: User) -> int:
    """Unflagged visits that nobody has looked at become valid after a set time (P, by received_at). Only the
    nightly run does this; imported rows never become valid by themselves."""
    policy = care_policy(today())
    before = timezone.now() - timedelta(hours=policy.auto_accept_hours)
    waiting = Visit.objects.filter(
        state=Visit.State.PENDING, flagged=False, imported=False, received_at__lte=before
    )
    return review_visits(by=by, visits=waiting, state=Visit.State.VALID, reason="按政策自动通过")["decided"]
