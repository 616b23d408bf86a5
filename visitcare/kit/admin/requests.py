"""Who asks, as the admin sees it."""

from typing import Any

from django.http import HttpRequest


class OfficeRequest(HttpRequest):
    """A request that the site has let in: its user is a signed-in person, not an anonymous one. The kit knows no
    more of persons than `may` and `areas_with` (see kit.scope)."""

    user: Any
    current_app: str
