"""Two files of one person become one (domain.md §6): nothing that was visited or paid is rewritten."""

from django.db import transaction

from elders.actions.classification import judge_household
from elders.actions.life import end_everything
from elders.actions.locking import lock_elders
from elders.models import Elder
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right


def merge_elders(*, by: User, loser: Elder, winner: Elder, reason: str) -> None:
    """Close `loser` as a second file of the person whose file is `winner`. Its visits stay with it, and are shown
    beside the winner's own; they are paid as they are, each once.

    Raise ValueError (Chinese) where the two cannot be one, or one of them has been merged already; there is no way
    back. Raise NotAllowed unless `by` may approve at both places.
    """
    if not reason.strip():
        raise ValueError("并档要写原因：怎么知道是同一个人。")
    if loser.pk == winner.pk:
        raise ValueError("不能并入自己。请填另一份档案的证件号码。")
    with transaction.atomic():
        loser, winner = _lock(by, loser, winner)
        _refuse_what_cannot_be(loser, winner)
        if loser.status == Elder.Status.CLOSED:
            assert loser.closed_on is not None  # the database says so; the types cannot
            last_day = loser.closed_on
        else:
            last_day = today()
        loser.status, loser.closed_on = Elder.Status.CLOSED, last_day
        loser.close_reason, loser.merged_into = Elder.CloseReason.MERGED, winner
        loser.save(update_fields=["status", "closed_on", "close_reason", "merged_into"])
        end_everything(loser, last_day, by=by, why=f"已并入{winner.name}的另一份档案")
        for household in {loser.household_id, winner.household_id}:
            judge_household(household, by=by)
        for one, words in (
            (loser, f"{loser.name}的这份档案并入另一份（{winner.household.place.path}）"),
            (winner, f"{loser.name}的另一份档案（{loser.household.place.path}）并入这份"),
        ):
            record(
                by=by,
                verb="merge_elders",
                words=words,
                reason=reason.strip(),
                about=one,
                where=one.household.place,
            )


def _lock(by: User, *elders: Elder) -> list[Elder]:
    """Both records as they are now, where `by` may approve at the place of each."""
    locked = {one.pk: one for one in lock_elders(one.pk for one in elders)}
    for one in locked.values():
        if not by.may(Right.APPROVE_ELDER, one.household.place_id):
            raise NotAllowed(
                f"两份档案要由同一个人并档，{one.household.place.path}不归您管。"
                "请先把要并掉的那份迁到对方镇（“搬家、迁移”），再由对方镇民政负责人并档。"
            )
    return [locked[one.pk] for one in elders]


def _refuse_what_cannot_be(loser: Elder, winner: Elder) -> None:
    if loser.merged_into_id is not None:
        raise ValueError("这份档案已经并入另一份，不用再办。")
    if winner.status not in Elder.REGISTERED:
        raise ValueError(
            f"{winner.name}的那一份现在是“{winner.get_status_display()}”，不能并进去。"
            "请并入在册的那一份；要用那一份，请先让它重新入册。"
        )
    if Elder.objects.filter(merged_into=loser).exists():
        raise ValueError("已经有别的档案并入这一份，它不能再并走。请反过来，把另一份并入这一份。")
    if loser.name != winner.name and loser.birth_date != winner.birth_date:
        raise ValueError(
            f"两份档案的姓名（{loser.name}、{winner.name}）和出生日期都不一样，不像同一个人。请先核对。"
        )
