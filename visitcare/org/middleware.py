"""What stands between a session and the pages: how long it lasts, and the first password."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

from visitcare.kit.api import PROBLEM
from visitcare.org.models import User
from visitcare.org.phones import came_by_card, note_phone, waits_for_password
from visitcare.org.unsent import go_on, unsent_of

NUL = "\0"
API = "/api/"
HOUR, DAY = 3600, 24 * 3600
GetResponse = Callable[[HttpRequest], HttpResponse]


class NoNulMiddleware:
    """Refuse an address or a cookie with a NUL, which no text of ours has and PostgreSQL cannot be asked for.
    What comes in forms they clean themselves (kit.texts)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = unquote_plus(request.META.get("QUERY_STRING", ""))
        if any(NUL in text for text in (request.path, query, *request.COOKIES.values())):
            raise SuspiciousOperation("a NUL in the address or in a cookie")
        return self.get_response(request)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Seconds: without a request, since signing in, and between two notes of when the last request was."""

    idle: int
    longest: int
    noted_every: int


PHONE = SessionLimits(idle=90 * DAY, longest=366 * DAY, noted_every=DAY)
"""A phone is its owner's own, and signing in is what they find hardest."""
OFFICE = SessionLimits(idle=4 * HOUR, longest=12 * HOUR, noted_every=HOUR // 12)
"""A desk sees a whole town: a working day, and over a long lunch, but not over night."""

BEGAN, SEEN = "session_began", "session_seen"


class SessionLimitsMiddleware:
    """End a session that was idle or lasted too long, and note the moment of the last request now and then."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and (is_over(request, limits_of(user)) or is_no_card_holder(request, user)):
            logout(request)
            messages.info(request, "很久没有操作，或者登录的时间太长了。为了保护老人的信息，请重新登录。")
        elif isinstance(user, User):
            note(request, user)
        return self.get_response(request)


def limits_of(user: User) -> SessionLimits:
    return OFFICE if user.is_staff else PHONE


def is_over(request: HttpRequest, limits: SessionLimits) -> bool:
    now = time.time()
    began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
    return bool(now - seen > limits.idle or now - began > limits.longest)


def is_no_card_holder(request: HttpRequest, user: User) -> bool:
    """Whoever came by card and has an office since: that asks for a password."""
    return user.is_staff and came_by_card(request)


def begin(request: HttpRequest, user: User, **_: object) -> None:
    """Somebody has signed in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    note_phone(request, user)


def note(request: HttpRequest, user: User) -> None:
    """Saving the session also gives its cookie its full age again."""
    now = int(time.time())
    if now - request.session.get(SEEN, 0) >= limits_of(user).noted_every:
        request.session.setdefault(BEGAN, now)
        request.session[SEEN] = now
        note_phone(request, user)


class PrivatePagesMiddleware:
    """No cache keeps what is answered to somebody signed in, the browser's own included: desks and phones are shared,
    and after signing out its back button must show nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_private = request.user.is_authenticated
        response = self.get_response(request)
        if is_private:
            patch_cache_control(response, private=True, no_store=True)
        return response


class FirstPasswordMiddleware:
    """Whoever still has a first password is led to change it before anything else; a program is told so."""

    ALLOWED = ("change_password", "logout", "admin:logout", "big_text", "complaint")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not waits_for_password(request) or request.path in map(reverse, self.ALLOWED):
            return self.get_response(request)
        if request.path.startswith(API):
            problem = {"type": "about:blank", "title": "请先修改初始密码", "status": 403}
            return JsonResponse(problem, status=403, content_type=PROBLEM)
        unsent = unsent_of(request)
        return go_on(request, unsent, status=403) if unsent else redirect("change_password")
