"""What the templates of the worker pages ask for."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from visitcare.kit import spoken
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User
from visitcare.org.pages import BIG_TEXT_COOKIE
from visitcare.org.phones import holds_records, waits_for_password
from visitcare.org.roles import Right
from visitcare.org.unsent import WRITTEN_BY

register = template.Library()
CLASS_SHAPES = {"A": "tri", "B": "dia", "C": "dot"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of includes/icons.html; the words beside it carry the meaning."""
    return format_html('<svg class="ico" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def class_badge(letter: str) -> SafeString:
    """The class as letter, shape and colour."""
    return format_html(
        '<span class="klass klass-{}">{}{}类</span>', letter.lower(), icon(CLASS_SHAPES[letter]), letter
    )


@register.simple_tag(takes_context=True)
def signed_in(context: Context) -> User | None:
    """Whoever is signed in; also None on pages that are made without a request."""
    user: Any = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None


@register.simple_tag(takes_context=True)
def written_by(context: Context) -> SafeString:
    """In a form: who has opened it, so that it can be sent again after signing in (org.unsent)."""
    return format_html('<input type="hidden" name="{}" value="{}">', WRITTEN_BY, context["request"].user.pk)


@register.simple_tag
def time_here() -> str:
    """What the server's clock says, for phones whose own may be wrong."""
    return timezone.now().isoformat()


@register.simple_tag(takes_context=True)
def is_big(context: Context) -> bool:
    """Whether this page is set in large type."""
    request = context.get("request")
    user: Any = getattr(request, "user", None)
    if isinstance(user, User):
        return user.big_text
    return request is not None and request.COOKIES.get(BIG_TEXT_COOKIE) == "1"


@register.simple_tag(takes_context=True)
def has_tabs(context: Context) -> bool:
    """Whether the person has worker pages to go to, and may leave the page for the first password."""
    user = signed_in(context)
    return user is not None and not waits_for_password(context["request"]) and user.may(Right.LOG_VISIT)


@register.simple_tag(takes_context=True)
def keeps_records(context: Context) -> bool:
    """Whether the person's phone may hold records, which this page sends; also once their posting has ended."""
    user = signed_in(context)
    return user is not None and not waits_for_password(context["request"]) and holds_records(user)


@register.simple_tag
def prints_cards(user: User) -> bool:
    """Whether the person prints login cards for a village; towns do that among their accounts."""
    return user.may(Right.PRINT_CARD) and not user.is_staff


@register.simple_tag
def registers(user: User) -> bool:
    """Whether the person registers elders where they visit."""
    return any(user.may(Right.LOG_VISIT, area) for area in user.areas_with(Right.REGISTER_ELDER))


@register.simple_tag
def is_payable(user: User) -> bool:
    return any(posting.payable for posting in user.postings_today)


@register.filter
def place(user: User) -> str:
    """Where the person serves, in short: village and group of the first posting, and how many more."""
    places = [place_words(posting.place) for posting in user.postings_today]
    if not places:
        return ""
    return places[0] if len(places) == 1 else f"{places[0]}等 {len(places)} 处"


def place_words(division: Division) -> str:
    """A group with its village; anything else by its own name. 果园村委会 is 果园村 to those who live there."""
    above = division.parent.name if division.level == Division.Level.GROUP and division.parent else ""
    return village_words(f"{above}{division.name}")


def village_words(name: str) -> str:
    return name.replace("村委会", "村")


@register.filter
def record_told(message: Message) -> UUID | None:
    """The record that a message tells of, and that can be taken back; messages of other pages tell of none."""
    try:
        return UUID(message.extra_tags or "")
    except ValueError:
        return None


@register.filter
def clock(moment: datetime) -> str:
    return spoken.clock_words(moment)


@register.filter
def spoken_moment(moment: datetime) -> str:
    return spoken.moment_words(moment, today=today())


@register.filter
def spoken_date(day: date) -> str:
    return spoken.date_words(day, today=today())


@register.filter
def place_name(division: Division) -> str:
    return place_words(division)


@register.filter
def spoken_day(day: date) -> str:
    return spoken.heading_words(day, today=today())


@register.filter
def birthday(born: date) -> str:
    """As the card has it, without the year: "12月3日"."""
    return f"{born.month}月{born.day}日"


@register.simple_tag
def county_name() -> str:
    return settings.COUNTY_NAME


@register.simple_tag
def filing_number() -> str:
    return settings.FILING_NUMBER
