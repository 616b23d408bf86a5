"""What every page for workers shares: who may open it, and the way back from it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from visitcare.org.models import User
from visitcare.org.unsent import go_on, unsent_of

Page = TypeVar("Page", bound=Callable[..., HttpResponse])
BIG_TEXT_COOKIE = "big"


class SignedInRequest(HttpRequest):
    """A request behind `worker_page`."""

    user: User


def worker_page(view: Page) -> Page:
    """Only for people who have signed in. Who comes with a filled-in form after the session ended loses nothing of it."""
    guarded = login_required(view)

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return sign_in_and_go_on(request) or guarded(request, *args, **kwargs)

    return page  # type: ignore[return-value]


def sign_in_and_go_on(request: HttpRequest) -> HttpResponse | None:
    """To somebody who is not signed in and sends a form of ours: the page that signs in and keeps what was typed."""
    unsent = None if request.user.is_authenticated else unsent_of(request)
    return go_on(request, unsent, status=403) if unsent else None


def way_back(request: HttpRequest, default: str = "home") -> str:
    """The page of ours that the form names as `next`, else the one called `default`."""
    asked = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if here and urlsplit(asked).path.startswith("/") else reverse(default)
