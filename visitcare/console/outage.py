"""What people see when something broke; above all when it is only the database, away or full."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from visitcare.kit.api import PROBLEM
from visitcare.org.unsent import CARRIED_AS, carried, typed

COME_BACK_IN = 60
"""Seconds, for programs that ask again by themselves."""


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
    """What a form of ours said, for the page to send it again as it was; of one with passwords only what it carried."""
    if typed(request):
        return [(name, str(text)) for name, texts in request.POST.lists() for text in texts]
    return [(CARRIED_AS, request.POST[CARRIED_AS])] if carried(request) else []
