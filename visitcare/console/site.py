"""The offices' admin site: for people whose postings are in an office."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe
from unfold.sites import UnfoldAdminSite

from visitcare.kit.admin import BulkDoor, Door, OfficeRequest, Section
from visitcare.kit.weeks import Week
from visitcare.org.pages import sign_in_and_go_on

THEME = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}
"""The theme evaluates small expressions and styles in its markup; no other page of the product may. Scripts in the markup
are refused here too."""

METHODS = ("GET", "HEAD", "POST")

CLOSED = frozenset(
    {"autocomplete", "view_on_site", "search", "password_change", "password_change_done", "app_list"}
)
"""Addresses of Django and the theme that look things up by id or word, or that the product answers elsewhere."""


class OfficeSite(UnfoldAdminSite):
    index_title = "今天的工作"
    index_template = "admin/today.html"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_staff)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return []  # the menu is written by hand (sidebar.py)

    def get_urls(self) -> list[Any]:
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in CLOSED]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        inner = super().admin_view(require_http_methods(METHODS)(view), cacheable)

        @wraps(inner)
        def office(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return sign_in_and_go_on(request) or inner(request, *args, **kwargs)

        return wraps(inner)(csp_update(THEME)(office))

    @method_decorator(require_http_methods(["GET", "POST"]))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().login(request, extra_context)
        answer._csp_update = THEME  # type: ignore[attr-defined]  # what csp_update does
        return answer

    @method_decorator(require_safe)
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The day's work of whoever looks."""
        from visitcare.console.today import day_of  # the apps' models are not loaded when the site is made

        user: Any = request.user
        day = day_of(user, _week(request.GET.get("week", "")))
        return super().index(request, {**(extra_context or {}), "day": day})

    def panels(self, request: OfficeRequest, obj: models.Model) -> list[Section]:
        """Parts of an object's page that span apps: an elder's visits, a household's findings."""
        from visitcare.console.panels import PANELS

        return [section for panel in PANELS.get(obj._meta.label, ()) for section in panel(request, obj)]

    def doors_of(self, model: type[models.Model]) -> Sequence[Door]:
        """Doors of a page that lead to what only this room knows, such as exports."""
        from visitcare.console.panels import DOORS

        return DOORS.get(model._meta.label, ())

    def bulk_doors_of(self, model: type[models.Model]) -> Sequence[BulkDoor]:
        """The same for lists."""
        from visitcare.console.panels import BULK_DOORS

        return BULK_DOORS.get(model._meta.label, ())


def _week(label: str) -> Week | None:
    try:
        return Week.parse(label)
    except ValueError:
        return None
