"""Login cards and the phones that they, or a password, have signed in: printing, using and ending them.

A card is for people who find a password hard. Its token is on the paper alone and good for one use within a week. It has
as many bits as a key: guessing is hopeless at any speed, so that wrong tokens are not counted and nobody has to wait
because of them, whatever address they come from; each costs a look into an index, and one without the right form not
even that.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import LoginCard, Phone, Posting, User
from visitcare.org.phones import end_sessions
from visitcare.org.roles import Right, right_to_print_card

LASTS = timedelta(days=7)
TOKEN_BYTES = 18
TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{24}")


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """What goes on the paper. The token is known nowhere else."""

    user: User
    place: str
    token: str
    last_day: date


# Printing


def people_with_postings(users: QuerySet[User]) -> QuerySet[User]:
    """These people with what tells whether their card may be printed, and what stands on it."""
    return users.prefetch_related("postings__place")


def may_print_card(by: User, user: User) -> bool:
    """Whoever has somebody's card could sign in with it: as with passwords, only where they keep all places of the
    person. Nobody does for themselves: who prints serves as cadre or in an office, for whom others or nobody print."""
    postings = list(user.postings.all())
    going_on = [posting for posting in postings if posting.ends_on is None or posting.ends_on >= today()]
    rights = [(right_to_print_card(posting.role), posting.place_id) for posting in going_on]
    return (
        user.is_active
        and bool(going_on)
        and all(by.may(Right.PRINT_CARD, posting.place_id) for posting in postings)
        and all(right is not None and by.may(right, place) for right, place in rights)
    )


def card_holders(by: User) -> list[User]:
    """The people for whom this person prints cards, with the number of their phones, in the order of their names."""
    there = Posting.objects.filter(in_areas("place__code", by.areas_with(Right.PRINT_CARD)))
    people = User.objects.filter(pk__in=there.values("user")).annotate(phone_count=Count("phones"))
    return [user for user in people_with_postings(people).order_by("name") if may_print_card(by, user)]


def print_cards(*, by: User, users: Iterable[User]) -> list[PrintedCard]:
    """A new card for each of these people; what they had unused before is worth nothing from now on."""
    users = list(users)
    if refused := [user.name for user in users if not may_print_card(by, user)]:
        raise NotAllowed(
            f"只能给本地区现在任职的探访人员打印登录卡，这几位不能：{'、'.join(refused)}。"
            "镇里、市里的账号用密码登录；也在别的地区任职的，请找系统管理员。"
        )
    with transaction.atomic():
        return [_print_card(by, user) for user in sorted(users, key=lambda user: user.pk)]


def _print_card(by: User, user: User) -> PrintedCard:
    token, now = secrets.token_urlsafe(TOKEN_BYTES), timezone.now()
    LoginCard.objects.update_or_create(
        user=user, defaults={"token_hash": _hash(token), "printed_by": by, "printed_at": now}
    )
    place = next(
        posting.place
        for posting in user.postings.all()
        if posting.ends_on is None or posting.ends_on >= today()
    )
    record(by=by, verb="print_card", words=f"给{user.name}打印了登录卡", about=user, where=place)
    # The last whole day: who comes on the day itself may come too late in the evening.
    return PrintedCard(user, place.path, token, timezone.localdate(now + LASTS) - timedelta(days=1))


# Using


def find_card(token: str) -> LoginCard | None:
    """The card with this token, if it still signs somebody in."""
    if not TOKEN_FORM.fullmatch(token):
        return None
    fresh = LoginCard.objects.filter(printed_at__gt=timezone.now() - LASTS)
    card = fresh.select_related("user", "printed_by").filter(token_hash=_hash(token)).first()
    return card if card and _may_sign_in(card) else None


def _may_sign_in(card: LoginCard) -> bool:
    """Whose card it is serves as a field worker, and whoever printed it could print it today: they have had it in their
    hands, and must not get in where the person has been appointed since."""
    return card.user.may(Right.LOG_VISIT) and may_print_card(card.printed_by, card.user)


def use_card(*, token: str) -> User | None:
    """Whom the card signs in, once; None when it is worth nothing. Of several at once one gets in."""
    with transaction.atomic():
        card = find_card(token)
        if card is None or not LoginCard.objects.filter(token_hash=card.token_hash).delete()[0]:
            return None
        record(by=card.user, verb="use_card", words="用登录卡登录了一部手机", about=card.user)
    return card.user


def forget_old_cards() -> int:
    """Delete what nobody used in time; how many there were."""
    return LoginCard.objects.filter(printed_at__lte=timezone.now() - LASTS).delete()[0]


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


# Ending phones


def may_end_phones(by: User, user: User) -> bool:
    """One's own, and those of people who serve or served where one keeps the accounts: to end a phone gives no power."""
    places = user.postings.values_list("place_id", flat=True)
    return by == user or any(by.may(Right.KEEP_WORKERS, place) for place in places)


def end_phone(*, by: User, phone: Phone) -> None:
    """Sign one phone out: its next request is a stranger's."""
    _require_end(by, phone.user)
    with transaction.atomic():
        if end_sessions(Phone.objects.filter(pk=phone.pk)):
            record(by=by, verb="end_phone", words=f"退出{phone.user.name}的手机：{phone}", about=phone.user)


def end_all_phones(*, by: User, user: User) -> int:
    """Sign all phones of a person out, and void the card that was not used; how many phones there were."""
    _require_end(by, user)
    with transaction.atomic():
        ended = end_sessions(Phone.objects.filter(user=user))
        LoginCard.objects.filter(user=user).delete()
        record(
            by=by,
            verb="end_phone",
            words=f"退出{user.name}的全部手机（{ended} 部），没用的登录卡作废",
            about=user,
        )
    return ended


def _require_end(by: User, user: User) -> None:
    if not may_end_phones(by, user):
        raise NotAllowed("只能退出自己的手机，或者本地区探访人员的手机。")
