"""Registering on a phone: look first, then step by step, kept as one goes. Everything works without script."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from elders import actions
from elders.actions.home_changes import proposed_home
from elders.drafts import Found, drafts_of, found_by, returned_to
from elders.forms.drafted import home_answers
from elders.forms.phone import (
    MEMBER,
    PhoneForm,
    PhoneRenewal,
    answers_of_cohabitant,
    areas_of,
    households_of,
    key_of,
)
from elders.forms.texts import answers_of
from elders.models import Elder, Household, RegistrationDraft, RegistrationForm
from elders.views.draft_page import FIRST, DraftPage, address_of
from visitcare.kit.texts import tidy
from visitcare.org.pages import SignedInRequest, worker_page

FEWEST_OF_A_NUMBER = 15
"""Digits of an ID number of the old cards; the last four are no number to begin with."""


# Looking first


@worker_page
@require_http_methods(["GET", "POST"])
def register(request: SignedInRequest) -> HttpResponse:
    """登记: what waits, and the search before anybody new. What is looked for travels in the form, never in the address."""
    _insist_on_registering(request)
    term = tidy(request.POST.get("q", "")).strip()[:60]
    found: list[Found] | None = found_by(request.user, term) if term else None
    context = {
        "term": term,
        "found": found,
        "drafts": drafts_of(request.user),
        "returned": returned_to(request.user),
    }
    return render(request, "elders/register.html", context)


def _insist_on_registering(request: HttpRequest) -> None:
    """404 for whoever does not register elders on the way; at the desk there is a form for it."""
    if not areas_of(request.user):  # type: ignore[arg-type]
        raise Http404("no registering here")


@worker_page
@require_POST
def new_registration(request: SignedInRequest) -> HttpResponse:
    """都不是，新登记: the name or number that was looked for stands in the form already."""
    _insist_on_registering(request)
    term = tidy(request.POST.get("q", "")).strip()[:60]
    said = answers_of(PhoneForm(request=request))
    digits = sum(char.isdecimal() for char in term)
    if term and (not digits or digits >= FEWEST_OF_A_NUMBER):
        said["id_number" if digits else "name"] = [term]
    draft = actions.start_draft(by=request.user, said=said, step=FIRST)
    return redirect(address_of(draft))


@worker_page
@require_POST
def renew_registration(request: SignedInRequest, elder: UUID) -> HttpResponse:
    """打开这份: a new form of somebody known, or the returned one."""
    found = get_object_or_404(_elders_here(request), pk=elder)
    said = answers_of(PhoneRenewal(request=request, obj=found))
    try:
        draft = actions.start_draft(
            by=request.user,
            said=said,
            step=FIRST,
            begun_with=home_answers(found.household, request=request),
            elder=found,
        )
    except ValueError as refused:
        messages.error(request, str(refused))
        return redirect("register")
    return redirect(address_of(draft))


@worker_page
@require_POST
def register_cohabitant(request: SignedInRequest, household: UUID) -> HttpResponse:
    """登记这户的另一位老人: the household and its members are known; `member` may name who it is."""
    _insist_on_registering(request)
    home = get_object_or_404(households_of(request.user), pk=household)
    said = answers_of(PhoneForm(request=request, obj=home)) | answers_of_cohabitant(home)
    member = home.members.filter(pk=key_of(request.POST.get("member"))).first()
    if member:
        said |= {"name": [member.name], MEMBER: [str(member.pk)]}
    draft = actions.start_draft(
        by=request.user,
        said=said,
        step=FIRST,
        begun_with=home_answers(home, request=request),
        household=home,
    )
    return redirect(address_of(draft))


def _elders_here(request: SignedInRequest) -> "QuerySet[Elder]":
    """The elders whose forms this person fills in."""
    homes = households_of(request.user).values("pk")
    rows: QuerySet[Elder] = Elder.objects.visible_to(request.user).filter(
        household__in=homes, merged_into=None
    )
    return rows.select_related("household__place")


# Step by step


def _own_draft(request: SignedInRequest, draft: UUID) -> RegistrationDraft:
    _insist_on_registering(request)
    own = RegistrationDraft.objects.visible_to(request.user).select_related(
        "household__place", "elder__household__place"
    )
    return get_object_or_404(own, pk=draft)


@worker_page
@require_http_methods(["GET", "POST"])
def registration_draft(request: SignedInRequest, draft: UUID) -> HttpResponse:
    """One step of a draft; whatever is sent is kept, right or wrong."""
    if (
        request.method == "POST"
        and not RegistrationDraft.objects.visible_to(request.user).filter(pk=draft).exists()
    ):
        _insist_on_registering(request)
        return _gone(request)
    return DraftPage(request, _own_draft(request, draft)).respond()


def _gone(request: SignedInRequest) -> HttpResponse:
    """A page that was left open after its draft had been submitted or thrown away."""
    if request.POST.get("go") == "keep":
        return JsonResponse({"gone": "这份登记已经提交，或者删掉了。"}, status=410)
    messages.warning(request, "这份登记已经提交，或者删掉了。下面看得到还有什么没办完。")
    return redirect("register")


@worker_page
@require_POST
def discard_draft(request: SignedInRequest, draft: UUID) -> HttpResponse:
    """不要了: what was typed is forgotten."""
    actions.discard_draft(by=request.user, draft=_own_draft(request, draft))
    messages.success(request, "删掉了。")
    return redirect("register")


# Done


@worker_page
@require_GET
def registration_done(request: SignedInRequest, elder: UUID) -> HttpResponse:
    """提交了: what happens next, and whoever else of the household may be registered."""
    found = get_object_or_404(_elders_here(request), pk=elder)
    home: Household = found.household
    known = home.elders.exclude(id_number_index=None).values("id_number_index")
    names = list(home.elders.values_list("name", flat=True))
    others = home.members.filter(Q(lives_here=None) | Q(lives_here=True)).exclude(id_number_index__in=known)
    submitted = found.forms.filter(state=RegistrationForm.State.SUBMITTED).first()
    context = {
        "elder": found,
        "home": home,
        "others": others.exclude(name__in=names).order_by("birth_date"),
        "home_waits": submitted and proposed_home(submitted),
    }
    return render(request, "elders/done.html", context)
