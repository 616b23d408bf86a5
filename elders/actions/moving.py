"""Moving to another village or group (domain.md §6): the file and its history go along; village, workers and paying town
change from a day on. Between towns the old one hands over and the new one takes in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from elders.actions.classification import judge_household
from elders.actions.locking import lock_elders
from elders.models import Assignment, AssistanceItem, Elder, Household, HouseholdMember, Move, Residence
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

MOST_AHEAD = 60
"""Days from today to a move that can be settled already."""
DAY = timedelta(days=1)
OF_A_MEMBER = ("name", "relation", "sex", "id_number", "birth_date", "health", "lives_here", "visits_often")
OF_THE_PEOPLE = (
    ("has_pension", "pension_monthly"),
    ("helping_bodies", "helping_other"),
    ("help_responsible",),
    ("help_measures",),
)
"""What goes along with those who move: each with what has a meaning beside it only."""


def propose_move(
    *,
    by: User,
    elder: Elder,
    whole_household: bool,
    village: Division,
    starts_on: date,
    reason: str,
    address: str = "",
) -> Move:
    """Ask a village to take in an elder, or all of the household, from a day on. Return the elder's own move.

    A move counts from its day, or from the day on which it is carried out where that is later: before, visits have been
    made and paid where the elder was. Raise ValueError (Chinese) for what cannot be.
    """
    if not today() <= starts_on <= today() + timedelta(days=MOST_AHEAD):
        raise ValueError(
            f"迁移从今天起，最晚 {MOST_AHEAD} 天以内；填的是 {starts_on}。已经搬走的填今天：以前的探访仍归原来的村。"
        )
    if village.level != Division.Level.VILLAGE or not village.active:
        raise ValueError(f"{village.path}现在不能迁入。请选一个村（居）。")
    if not reason.strip():
        raise ValueError("迁移要写原因。")
    with transaction.atomic():
        movers = _lock_movers(by, elder, whole_household)
        party = uuid4()
        moves = {
            one.pk: Move.objects.create(
                party=party,
                elder=one,
                household=elder.household,
                village=village,
                address=address.strip(),
                starts_on=starts_on,
                reason=reason.strip(),
                proposed_by=by,
            )
            for one in movers
        }
        for one in movers:
            record(
                by=by,
                verb="propose_move",
                words=f"{one.name}要从 {starts_on} 起迁到{village.path}",
                reason=reason.strip(),
                about=one,
                where=elder.household.place,
            )
        return moves[elder.pk]


def _lock_movers(by: User, elder: Elder, whole_household: bool) -> list[Elder]:
    """Who is to move, as they are now: those who are where they were when somebody decided on it."""
    home = elder.household
    chosen = Elder.objects.filter(household=home) if whole_household else Elder.objects.filter(pk=elder.pk)
    movers = [
        one
        for one in lock_elders(chosen.values_list("pk", flat=True))
        if one.household_id == home.pk and one.status != Elder.Status.CLOSED
    ]
    require(by, Right.APPROVE_ELDER, home.place_id)
    if not any(one.pk == elder.pk and one.status in Elder.REGISTERED for one in movers):
        raise ValueError(f"{elder.name}不在册，或者刚才已经迁走，不能办迁移。请刷新看看。")
    busy = Move.objects.open().filter(elder__in=movers).select_related("elder", "village").first()
    if busy:
        raise ValueError(
            f"{busy.elder.name}已经有一次迁移在办（到{busy.village.path}，{busy.get_state_display()}）。请先办完或撤回那一次。"
        )
    return movers


def accept_move(
    *, by: User, move: Move, place: Division, address: str = "", joins: Household | None = None
) -> None:
    """Take in all who move together: into a household that is here already, or a new one at a group (or the village),
    which is made when they come. What is due is carried out at once, the rest by the nightly run on its day."""
    require(by, Right.APPROVE_ELDER, move.village_id)
    if place.village_code != move.village_id:
        raise ValueError(f"这次迁到{move.village.path}，{place.path}不在那里。")
    if joins and joins.village_code != move.village_id:
        raise ValueError(f"这次迁到{move.village.path}，选的户在{joins.place.path}。")
    if joins and joins.pk == move.household_id:
        raise ValueError("选的是现在住的这一户。请选另一户，或者新建一户。")
    with transaction.atomic():
        party = _lock_party(move.party, Move.State.WAITING)
        for one in party:
            one.state, one.decided_by = Move.State.ACCEPTED, by
            one.to_household, one.place = joins, None if joins else place
            one.address = address.strip() or one.address
            one.save(update_fields=["state", "decided_by", "to_household", "place", "address"])
            home = joins or Household(place=place, address=one.address)
            record(
                by=by,
                verb="accept_move",
                words=f"接收{one.elder.name}：{home}，从 {max(one.starts_on, today())} 起",
                about=one.elder,
                where=home.place,
            )
        if move.starts_on <= today():
            _carry_out(by, party)


def _lock_party(party: UUID, *states: str) -> list[Move]:
    """The moves of a party that are still to be decided on. Whoever changes a move holds its elder, and holds the elder
    first, as whoever closes a record does: nobody waits for one another."""
    moves = Move.objects.filter(party=party)
    elders = {one.pk: one for one in lock_elders(moves.values_list("elder", flat=True))}
    rows = moves.filter(state__in=states).select_related("household__place", "village", "to_household__place")
    found = list(rows.order_by("elder"))
    if not found:
        raise ValueError("这次迁移刚才已经办过，或者已经撤回。请刷新看看。")
    for move in found:
        move.elder = elders[move.elder_id]
    return found


def send_back_move(*, by: User, move: Move, reason: str) -> None:
    """The new town says why it does not take them in; they stay where they are."""
    require(by, Right.APPROVE_ELDER, move.village_id)
    states = [Move.State.WAITING]
    _give_up(by, move, states, Move.State.SENT_BACK, reason, verb="send_back_move")


def withdraw_move(*, by: User, move: Move, reason: str) -> None:
    """The old town takes back what has not been carried out."""
    require(by, Right.APPROVE_ELDER, move.household.place_id)
    _give_up(by, move, Move.OPEN, Move.State.WITHDRAWN, reason, verb="withdraw_move")


def _give_up(
    by: User, move: Move, states: Sequence[str], state: Move.State, reason: str, *, verb: str
) -> None:
    words = state.label
    if not reason.strip():
        raise ValueError(f"{words}要写原因。")
    with transaction.atomic():
        for one in _lock_party(move.party, *states):
            one.state, one.decided_by, one.decision_reason = state, by, reason.strip()
            one.save(update_fields=["state", "decided_by", "decision_reason"])
            for where in _once_a_town(one.household.place, one.village):
                record(
                    by=by,
                    verb=verb,
                    words=f"{words}{one.elder.name}到{one.village.path}的迁移",
                    reason=reason.strip(),
                    about=one.elder,
                    where=where,
                )


def _once_a_town(old: Division, new: Division) -> list[Division]:
    """Where an act is told, so that whoever reads the audit of either town finds it, and nobody twice."""
    return list({place.town_code: place for place in (old, new)}.values())


@dataclass(slots=True)
class CarriedOut:
    """How many elders have moved, and in words which moves could not be carried out."""

    elders: int = 0
    failed: list[str] = field(default_factory=list)


def carry_out_moves(*, by: User) -> CarriedOut:
    """Let everybody move whose day has come, also days ago; the nightly run does this. A move that fails keeps nobody
    else from moving, and is tried again the next night."""
    due = Move.objects.filter(state=Move.State.ACCEPTED, starts_on__lte=today())
    done = CarriedOut()
    for party in list(due.order_by("party").values_list("party", flat=True).distinct()):
        try:
            with transaction.atomic():
                moves = _lock_party(party, Move.State.ACCEPTED)
                _carry_out(by, moves)
        except (ValueError, IntegrityError) as error:
            if words := _why_not(party, error):
                done.failed.append(words)
        else:
            done.elders += len(moves)
    return done


def _why_not(party: UUID, error: Exception) -> str:
    """What keeps a party from moving, for those who can mend it; "" when another run was a moment faster. A database
    that refuses cites the whole row, which is not to stand in a log: its rule is enough."""
    move = Move.objects.filter(party=party, state=Move.State.ACCEPTED).select_related("village").first()
    if move is None:
        return ""
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    why = f"新旧两户的资料合不到一起（{rule}）。请系统管理员核对" if rule else str(error)
    return f"到{move.village.path}、从 {move.starts_on} 起的迁移没有办成，明天再试：{why}"


def astray() -> QuerySet[Elder]:
    """Whose household is not the one that their open residence says: nobody, unless somebody wrote past the actions."""
    at_home = Residence.objects.filter(elder=OuterRef("pk"), household=OuterRef("household"), ends_on=None)
    return Elder.objects.filter(~Exists(at_home))


def _carry_out(by: User, party: Sequence[Move]) -> None:
    day, first = today(), party[0]
    old, new = first.household, first.to_household or _new_home(first)
    for elder in [move.elder for move in party]:
        current = Residence.objects.get(elder=elder, ends_on=None)
        if current.starts_on == day:
            raise ValueError(f"{elder.name}今天刚迁来，同一天不能再迁。请明天再办，或者把日期填成明天。")
        current.ends_on = day - DAY
        current.save(update_fields=["ends_on"])
        Residence.objects.create(elder=elder, household=new, starts_on=day)
        elder.household = new
        elder.save(update_fields=["household"])
        for where in _once_a_town(old.place, new.place):
            record(
                by=by,
                verb="carry_out_move",
                words=f"{elder.name}自 {day} 起住{new}，从{old.place.path}迁来",
                about=elder,
                where=where,
            )
    Move.objects.filter(pk__in=[move.pk for move in party]).update(state=Move.State.DONE, to_household=new)
    if not Elder.objects.filter(household=old).exclude(status=Elder.Status.CLOSED).exists():
        _leave_empty(old, new, day)
    for household in (old.pk, new.pk):
        judge_household(household, by=by)


def _new_home(move: Move) -> Household:
    assert move.place is not None  # the database says so of what is accepted and joins nobody
    return Household.objects.create(place=move.place, address=move.address)


def _leave_empty(old: Household, new: Household, day: date) -> None:
    """Nobody stays: the family goes along on paper, and whoever was named to visit the old door no longer is."""
    known = set(new.members.values_list("name", "relation"))
    for member in old.members.all():
        if (member.name, member.relation) not in known:
            said = {name: getattr(member, name) for name in OF_A_MEMBER}
            HouseholdMember.objects.create(household=new, **said)
    _take_along(old, new)
    named = Assignment.objects.filter(household=old)
    named.filter(starts_on__gte=day).delete()
    named.in_force(day).update(ends_on=day - DAY)


def _take_along(old: Household, new: Household) -> None:
    """Pension, assistance and help are the people's and go along where nothing is known of the new household; the
    condition of a dwelling stays with it."""
    new = Household.objects.select_for_update().get(pk=new.pk)
    unknown = [names for names in OF_THE_PEOPLE if getattr(new, names[0]) in (None, "")]
    changed = [name for names in unknown for name in names]
    if new.has_assistance is None and not new.assistance.exists():
        changed.append("has_assistance")
        for item in old.assistance.all():
            AssistanceItem.objects.create(household=new, name=item.name, monthly_amount=item.monthly_amount)
    for name in changed:
        setattr(new, name, getattr(old, name))
    new.save(update_fields=changed)
