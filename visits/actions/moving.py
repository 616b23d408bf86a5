"""A planned contact goes to another day of its week."""

from datetime import date

from elders.models import Household
from visitcare.audit.actions import record
from visitcare.kit.refusals import refused_in_words
from visitcare.kit.spoken import weekday_words
from visitcare.kit.weeks import Week, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.models import Mode, PlannedVisit
from visits.queries import round_of


def move_planned(*, by: User, household: Household, mode: str, day: date, to: date) -> None:
    """Move a contact of a household to another day of the week in progress, for all elders it was planned for. What is
    owed stays as it is; raise ValueError (Chinese) where it cannot be."""
    if not round_of(by).filter(pk=household.pk).exists():
        raise NotAllowed("这户现在不归您探访。")
    if Week.of(day) != Week.of(today()):
        raise ValueError("只能改本周的计划。下周的，到了下周再改。")
    if Week.of(to) != Week.of(day):
        raise ValueError("只能改到本周里的另一天：每周要探访几次，是按周算的。")
    if to < today():
        raise ValueError(f"{weekday_words(to)}已经过去了。请选今天或以后的一天。")
    kind = Mode(mode).label
    taken = f"{weekday_words(to)}已经有一次{kind}了，同一天{kind}两次只算一次。请选别的一天。"
    with refused_in_words({"planned_once_a_day": taken}):
        planned = PlannedVisit.objects.filter(elder__household=household, mode=mode, day=day)
        if not planned.update(day=to):
            raise ValueError("计划刚才改过了，没有这一次了。请看看现在的计划。")
        record(
            by=by,
            verb="move_planned",
            words=f"计划的{kind}从{weekday_words(day)}（{day}）改到{weekday_words(to)}（{to}）",
            about=household,
            where=household.place,
        )
