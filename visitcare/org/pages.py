"""What every page for workers shares: who may open it, and the way back from it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from visitcare.org.models import User

Page = TypeVar("Page", bound=Callable[..., HttpResponse])
BIG_TEXT_COOKIE = "big"


class SignedInRequest(HttpRequest):
    """A request behind `worker_page`."""

    user: User


def worker_page(view: Page) -> Page:
    """Only for people who have signed in; never kept by the browser, for phones are shared."""

    @wraps(view)
    def private(*args: object, **kwargs: object) -> HttpResponse:
        response = view(*args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return login_required(private)  # type: ignore[return-value]


def way_back(request: HttpRequest, default: str = "home") -> str:
    """The page of ours that the form names as `next`, else the one called `default`."""
    asked = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if here and urlsplit(asked).path.startswith("/") else reverse(default)
