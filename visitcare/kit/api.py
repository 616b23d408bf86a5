"""Bases of the REST API: scoped rows, problem documents (RFC 9457), nothing that is not declared."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import exceptions, parsers, status, viewsets
from rest_framework.response import Response

from visitcare.kit.scope import ScopedQuerySet

PROBLEM = "application/problem+json"
_TITLES = {
    status.HTTP_400_BAD_REQUEST: "请求写得不对",
    status.HTTP_401_UNAUTHORIZED: "请先登录",
    status.HTTP_403_FORBIDDEN: "没有这个权限",
    status.HTTP_404_NOT_FOUND: "没有这条记录",
    status.HTTP_405_METHOD_NOT_ALLOWED: "这个地址不能这样用",
    status.HTTP_409_CONFLICT: "和已有的不一样",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "内容太大",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "请用 JSON 发送",
    status.HTTP_422_UNPROCESSABLE_ENTITY: "内容有问题",
    status.HTTP_429_TOO_MANY_REQUESTS: "太频繁了，请稍后再试",
    status.HTTP_503_SERVICE_UNAVAILABLE: "系统一时用不了，请稍后再试",
}
DEEPEST = 20
"""Of objects and lists within each other: nothing of ours has more than five."""


class ScopedReadOnlyViewSet(viewsets.ReadOnlyModelViewSet):
    """Rows the signed-in person may see. `queryset` must be scoped; a foreign row answers like one that is not there."""

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if not isinstance(rows, ScopedQuerySet):
            raise TypeError(f"{type(self).__name__}: the queryset is not scoped")
        return rows.visible_to(self.request.user)


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class SmallJSONParser(parsers.JSONParser):
    """JSON of no more than so many bytes, and not nested without end."""

    most_bytes: ClassVar[int]

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.most_bytes:
            raise TooLarge
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError from None
        if is_deep(data):
            raise exceptions.ParseError
        return data


def is_deep(data: Any) -> bool:
    """Whether something is nested deeper than anything of ours."""
    level = [data]
    for _ in range(DEEPEST):
        inner = [
            part.values() if isinstance(part, dict) else part
            for part in level
            if isinstance(part, dict | list)
        ]
        level = [part for parts in inner for part in parts]
    return bool(level)


def problem(
    code: int, *, headers: Mapping[str, str] | None = None, detail: str = "", **more: Any
) -> Response:
    """A problem document; `detail` and what else it says beside its title."""
    document = {"type": "about:blank", "title": _TITLES.get(code, "办不了"), "status": code, **more}
    if detail:
        document["detail"] = detail
    return Response(document, status=code, headers=headers, content_type=PROBLEM)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal with a problem document; anything unforeseen stays an error 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    more: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        more["errors"] = error.get_full_details()
    elif error.status_code not in _TITLES:
        more["detail"] = str(error.detail)
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else None
    return problem(error.status_code, headers=headers, **more)
