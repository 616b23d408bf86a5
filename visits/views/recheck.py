"""请求复核: what the town has decided on a record is to be looked at once more."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from visitcare.kit.texts import tidy
from visitcare.org.actions import NotAllowed
from visitcare.org.pages import SignedInRequest, way_back, worker_page
from visits.actions import RecheckError, ask_for_recheck


@worker_page
@require_POST
def ask_recheck(request: SignedInRequest, visit: UUID) -> HttpResponse:
    """One tap; `words` say why, if somebody likes to."""
    try:
        is_new = ask_for_recheck(
            by=request.user, visit=visit, words=tidy(request.POST.get("words", "")).strip()
        )
    except NotAllowed:
        raise Http404 from None
    except RecheckError as refused:
        messages.error(request, str(refused))
    else:
        told = "请求已经报给镇里，结果会写在“我的记录”这一条下面。"
        messages.success(request, told if is_new else "这条已经请求过复核了。")
    return redirect(way_back(request, "my_visits"))
