"""What people see when something broke; above all when it is only the database, away or full."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.defaults import server_error

from visitcare.kit.api import PROBLEM

COME_BACK_IN = 60
"""Seconds, for programs that ask again by themselves."""
WITH_PASSWORDS = ("login", "admin:login", "change_password")


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500, which it calls while it handles the error. An outage passes: that is a 503."""
    if not isinstance(sys.exc_info()[1], InterfaceError | OperationalError):
        return server_error(request)
    response: HttpResponse
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "系统一时用不了，请稍后再试", "status": 503}
        response = JsonResponse(problem, status=503, content_type=PROBLEM)
    else:
        # Without the request: what templates are told of it is read from the database.
        response = HttpResponse(render_to_string("503.html", {"kept": kept_of(request)}), status=503)
    response["Retry-After"] = str(COME_BACK_IN)
    response["Cache-Control"] = "no-store"
    return response


def kept_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form said, for the page to send it again as it was; but no page repeats a password."""
    if request.path in map(reverse, WITH_PASSWORDS):
        return []
    return [(name, str(value)) for name, values in request.POST.lists() for value in values]
