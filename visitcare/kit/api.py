"""Bases of the REST API: scoped rows, problem documents (RFC 9457), nothing that is not declared."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import exceptions, status, viewsets
from rest_framework.response import Response

from visitcare.kit.scope import ScopedQuerySet

PROBLEM = "application/problem+json"
_TITLES = {
    status.HTTP_400_BAD_REQUEST: "请求写得不对",
    status.HTTP_401_UNAUTHORIZED: "请先登录",
    status.HTTP_403_FORBIDDEN: "没有这个权限",
    status.HTTP_404_NOT_FOUND: "没有这条记录",
    status.HTTP_405_METHOD_NOT_ALLOWED: "这个地址不能这样用",
    status.HTTP_422_UNPROCESSABLE_ENTITY: "内容有问题",
    status.HTTP_429_TOO_MANY_REQUESTS: "太频繁了，请稍后再试",
}


class ScopedReadOnlyViewSet(viewsets.ReadOnlyModelViewSet):
    """Rows the signed-in person may see. `queryset` must be scoped; a foreign row answers like one that is not there."""

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if not isinstance(rows, ScopedQuerySet):
            raise TypeError(f"{type(self).__name__}: the queryset is not scoped")
        return rows.visible_to(self.request.user)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal with a problem document; anything unforeseen stays an error 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(error.status_code, "办不了"),
        "status": error.status_code,
    }
    if isinstance(error, exceptions.ValidationError):
        document["errors"] = error.get_full_details()
    elif error.status_code not in _TITLES:
        document["detail"] = str(error.detail)
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else None
    return Response(document, status=error.status_code, headers=headers, content_type=PROBLEM)
