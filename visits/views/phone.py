"""What makes the pages an app that works without a signal: the list it keeps, and the files it needs. No personal data
stands in the files; the list is the least that a visit needs."""

import hashlib
import json
from functools import cache
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits import queries
from visits.cards import kept
from visits.forms import RecordForm

MODULES = (
    "call",
    "clock",
    "outbox",
    "page",
    "phone",
    "photo",
    "record",
    "shell",
    "size",
    "store",
    "strip",
    "waiting",
)
FILES = ("care.css", "care.js", "care.svg", *(f"phone/{name}.js" for name in MODULES))
ICONS = (("care.svg", "any", "image/svg+xml"), ("phone/icon-192.png", "192x192", "image/png"))


@require_GET
@cache_control(no_cache=True)
def shell(request: HttpRequest) -> HttpResponse:
    """The page that a phone without a signal shows: nobody's, until the phone fills it from what it keeps."""
    return HttpResponse(_shell())


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the files on the phone. Any change of them makes it another release."""
    files = [static(name) for name in FILES]
    release = hashlib.sha256("".join([*files, _shell()]).encode()).hexdigest()[:16]
    said = {"release": release, "shell": reverse("phone_shell"), "files": json.dumps(files)}
    return render(request, "phone/sw.js", said, content_type="text/javascript")


@require_GET
@cache_control(max_age=24 * 3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to put the pages on the home screen."""
    said = {
        "name": "探访登记",
        "short_name": "探访登记",
        "lang": "zh-CN",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#edf1f5",
        "theme_color": "#1f4580",
        "icons": [{"src": static(name), "sizes": sizes, "type": kind} for name, sizes, kind in ICONS],
    }
    return JsonResponse(said, content_type="application/manifest+json")


@cache
def _shell() -> str:
    form = RecordForm(initial={"agreed": True}, people=[])
    return render_to_string("phone/shell.html", {"form": form})


class RoundView(APIView):
    """This week's list of the signed-in worker, as their phone keeps it."""

    http_method_names = ("get", "head")

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        if not user.may(Right.LOG_VISIT):
            raise PermissionDenied
        day = today()
        week = Week.of(day)
        said: dict[str, Any] = {
            "person": str(user.pk),
            "name_of_person": user.name,
            "big": user.big_text,
            "csrf": get_token(request),
            "now": timezone.now().isoformat(),
            "monday": week.monday.isoformat(),
            "cards": [kept(card) for card in queries.cards_of_week(user, week, day)],
        }
        return Response(said)
