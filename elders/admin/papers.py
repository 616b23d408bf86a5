"""Annex 3 on paper, from a page or a list: with a reason, and never without a trace."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse

from elders import actions
from elders.models import Elder
from elders.printing import papers
from visitcare.kit.admin import DoorForm, OfficeRequest

MOST_AT_ONCE = 500
"""Sheets of paper that one page can hold without making a browser slow; a village has fewer elders."""


class PrintForm(DoorForm):
    reason = forms.CharField(
        label="用途", max_length=200, help_text="例如：存档、请老人签字。会和您的名字一起记在操作记录里。"
    )


def printed(request: OfficeRequest, elders: Sequence[Elder], reason: str, *, back: str) -> HttpResponse:
    """The page to print, which no cache keeps."""
    actions.record_printing(by=request.user, elders=elders, reason=reason)
    context = {"papers": papers(elders), "count": len(elders), "back": back}
    response = TemplateResponse(request, "elders/annex3.html", context)
    response["Cache-Control"] = "no-store"
    return response


def print_all(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> HttpResponse:
    count = rows.count()
    if count > MOST_AT_ONCE:
        raise ValueError(f"一次最多打印 {MOST_AT_ONCE} 份，这里有 {count} 份。请按村筛选，分几次打印。")
    elders = list(rows.select_related("household__place"))
    return printed(request, elders, said["reason"], back=request.get_full_path())
