"""The phones on which field workers are signed in: a row beside each session, which goes when the session goes.

To end a phone is to delete its session: its next request is a stranger's, and no request has to ask for more than the
session it reads anyway. Sessions of offices are short and are not kept here.
"""

from django.contrib.auth import BACKEND_SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import models
from django.http import HttpRequest

from visitcare.kit.weeks import today
from visitcare.org.models import Phone, User
from visitcare.org.roles import FIELD_ROLES

BY_CARD = "visitcare.org.backends.ByCard"
"""What the session of somebody says who signed in by card."""

SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("MQQBrowser", "QQ 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("HeyTapBrowser", "OPPO 浏览器"),
    ("VivoBrowser", "vivo 浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("Firefox", "Firefox"),
    ("Edg", "Edge"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that is found counts: most of them call themselves by the names of those below, too."""


def describe_browser(user_agent: str) -> str:
    """Enough for its owner to recognise the phone; no version or model, which would tell phones apart by themselves."""
    system = next((words for name, words in SYSTEMS if name in user_agent), "手机或电脑")
    browser = next((words for name, words in BROWSERS if name in user_agent), "浏览器")
    return f"{system}，{browser}"


def came_by_card(request: HttpRequest) -> bool:
    return bool(request.session.get(BACKEND_SESSION_KEY) == BY_CARD)


def waits_for_password(request: HttpRequest) -> bool:
    """Whether the person comes with a first password, which has to be changed before anything else. Whoever came by
    card has typed none: they need no password, and must not be stopped by one that lies at home."""
    user = request.user
    return isinstance(user, User) and user.must_change_password and not came_by_card(request)


def holds_records(user: User) -> bool:
    """Whether somebody visits, or did: what their phone has not sent yet is still theirs."""
    return any(posting.role in FIELD_ROLES for posting in user.all_postings)


def note_phone(request: HttpRequest, user: User) -> None:
    """Somebody has signed in, or uses this phone today as well."""
    if user.is_staff:
        return
    if request.session.session_key is None:
        request.session.create()
    used = {"last_used_on": today()}
    Phone.objects.update_or_create(
        session_id=request.session.session_key,
        defaults=used,
        create_defaults=used
        | {
            "user": user,
            "how": Phone.How.CARD if came_by_card(request) else Phone.How.PASSWORD,
            "browser": describe_browser(request.headers.get("User-Agent", "")),
        },
    )


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """After a new password: this session goes on under another key and stays the phone it was; all others have ended."""
    phone = Phone.objects.filter(session=request.session.session_key).first()
    end_sessions(Phone.objects.filter(user=user).exclude(session=request.session.session_key))
    update_session_auth_hash(request, user)  # the phone went with the old key
    if phone:
        phone.session_id = request.session.session_key  # type: ignore[assignment]
        phone.save(force_insert=True)


def end_sessions(phones: "models.QuerySet[Phone]") -> int:
    """End these phones at their next request; how many there were."""
    ended: int = Session.objects.filter(phone__in=phones).delete()[1].get("sessions.Session", 0)
    return ended
