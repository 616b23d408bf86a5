"""Records that a phone could not send and saved to a file: the town takes them in as if the phone had sent them, under
its own keys, so that what it sends after all is the same again.

The file passes through many hands. Nothing in it is believed that a phone would not be believed, and what it says has
become of a record only counts where the server knows the same.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction

from visitcare.audit.actions import record
from visitcare.kit.api import is_deep
from visitcare.kit.texts import tidy
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visitcare.org.roles import FIELD_ROLES, Right
from visits.actions.answering import CREATED, SAME
from visits.actions.measure import TooMuch
from visits.actions.reading import Item, read_item
from visits.actions.receiving import take_in
from visits.models import Received

MOST_BYTES, MOST_ITEMS, AT_ONCE = 5 * 1024 * 1024, 2_000, 100
SENT_BY_PHONES = ("kind", "id", "visit")
WAITING, CANCELLED = "waiting", "cancelled"
"""What the phone says of an item that the server has not answered; and of one that was taken back, perhaps before it left."""
TAKEN, KNOWN, NOT_TAKEN = "收下了", "原来就有", "没收下"
UNREADABLE = "这里面的内容看不懂。请选手机上点“存成文件”存下来的那个文件，没有打开改过、重新保存过的；粘贴的，要从头到尾一个字不少。"
TAKEN_BACK = "本人在手机上撤回了，没有发过。"
TOO_MUCH = "这个人今天的记录太多了。请明天再收一次这个文件，收过的不会重复。"


class PhoneFileError(ValueError):
    """What is wrong with a file as a whole, in words for whoever chose it."""


@dataclass(frozen=True, slots=True)
class FromFile:
    """One thing in the file, and what has become of it."""

    item: Item
    outcome: str
    words: str = ""


def take_phone_file(*, by: User, content: bytes) -> tuple[User, list[FromFile]]:
    """Take in what is in a file; whose it is, and what has become of each, in their order.

    Not to be called within a transaction: as with what a phone sends, each is kept before anything is judged.
    """
    sender, app, raw = _read(content)
    place = _place_of(by, sender)
    items = [read_item(_as_sent(one)) for one in raw]
    with transaction.atomic():
        words = f"收{sender.name}手机存的文件（{len(items)} 条）"
        digest = {"sha256": hashlib.sha256(content).hexdigest(), "items": [str(item.key) for item in items]}
        record(by=by, verb="take_phone_file", words=words, about=sender, where=place, data=digest)
    found = _not_to_be_sent(sender, raw, items)
    waiting = [number for number in range(len(items)) if number not in found]
    for start in range(0, len(waiting), AT_ONCE):
        numbers = waiting[start : start + AT_ONCE]
        try:
            answers = take_in(by=sender, items=[items[number] for number in numbers], app=app)
        except TooMuch:
            found |= {number: FromFile(items[number], NOT_TAKEN, TOO_MUCH) for number in waiting[start:]}
            break
        for number, answer in zip(numbers, answers, strict=True):
            outcome = {CREATED: TAKEN, SAME: KNOWN}.get(answer.status, NOT_TAKEN)
            found[number] = FromFile(answer.item, outcome, answer.words)
    return sender, [found[number] for number in range(len(items))]


def _read(content: bytes) -> tuple[User, str, list[Any]]:
    if len(content) > MOST_BYTES:
        raise PhoneFileError(f"文件太大了：最多 {MOST_BYTES // 1024**2} MB。{UNREADABLE}")
    try:
        said = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise PhoneFileError(UNREADABLE) from None
    if not isinstance(said, dict) or is_deep(said):
        raise PhoneFileError(UNREADABLE)
    items, app = said.get("items"), said.get("app")
    if not isinstance(items, list):
        raise PhoneFileError(UNREADABLE)
    if not items:
        raise PhoneFileError("文件里没有记录。")
    if len(items) > MOST_ITEMS:
        raise PhoneFileError(f"文件里有 {len(items)} 条，一次最多收 {MOST_ITEMS} 条。请找系统管理员。")
    return _person(said.get("person")), tidy(app)[:40] if isinstance(app, str) else "", items


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


def _person(said: Any) -> User:
    try:
        sender = User.objects.filter(pk=UUID(said)).first() if isinstance(said, str) else None
    except ValueError:
        sender = None
    return sender or User()


def _place_of(by: User, sender: User) -> Division:
    """Where the sender serves, or served last, of the places whose visits `by` reviews. Who is nobody's there is answered
    as who is nobody at all."""
    if sender == by:
        raise NotAllowed("这是您自己手机的文件，请同事来收。")
    served = [posting for posting in sender.all_postings if posting.role in FIELD_ROLES]
    ours = [posting for posting in served if by.may(Right.REVIEW_VISIT, posting.place_id)]
    if not ours:
        raise NotAllowed("文件是谁的手机存的，在您管的地区没有这个人。请让他任职的镇来收。")
    return max(ours, key=lambda posting: posting.starts_on).place


def _as_sent(raw: Any) -> Any:
    """What the phone would send of it. The moment of sending is none of a file's: it tells how wrong a clock is."""
    if not isinstance(raw, dict):
        return raw
    sent = {name: raw[name] for name in SENT_BY_PHONES if name in raw}
    if "record" in raw:
        said = raw["record"]
        is_record = isinstance(said, dict)
        sent["record"] = {name: said[name] for name in said if name != "sent_at"} if is_record else said
    return sent


def _not_to_be_sent(sender: User, raw: Sequence[Any], items: Sequence[Item]) -> dict[int, FromFile]:
    """By their numbers: those that the server has, of which the phone keeps too little to send it again; and those that
    were taken back before they left."""
    came = Received.objects.filter(sender=sender, item__in=[item.key for item in items])
    known = set(came.values_list("item", flat=True))
    found = {}
    for number, (one, item) in enumerate(zip(raw, items, strict=True)):
        state = one.get("state") if isinstance(one, dict) else None
        if state != WAITING and item.key in known:  # of what was answered it keeps no more than the heads
            found[number] = FromFile(item, KNOWN)
        elif state == CANCELLED and item.key not in known:
            found[number] = FromFile(item, NOT_TAKEN, TAKEN_BACK)
    return found
