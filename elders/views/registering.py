"""Registering on a phone: look first, then step by step, kept as one goes. Everything works without script."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from elders import actions
from elders.actions.home_changes import proposed_home
from elders.drafts import Found, drafts_of, found_by, returned_to
from elders.forms import form_data
from elders.forms.drafted import TOLD, home_answers
from elders.forms.meeting import SEEN
from elders.forms.phone import (
    MEMBER,
    NEW,
    PhoneForm,
    PhoneRenewal,
    answers_of_cohabitant,
    areas_of,
    households_of,
    key_of,
    registers_at,
)
from elders.forms.texts import LINES, Changes, Said, answers_of, as_lines, bound, is_answer, lines_of, rows_of
from elders.matching import elders_among_members
from elders.models import Elder, Household, RegistrationDraft, RegistrationForm
from elders.steps import (
    ALL_STEPS,
    BY_NAME,
    CHECK,
    STEPS,
    check_rows,
    outlook,
    shown_groups,
    shown_lines,
    told_by,
    unasked,
    wrong_steps,
)
from visitcare.kit.spoken import clock_words
from visitcare.kit.texts import tidy
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.views import turn_big_text

FIRST = STEPS[0].name
FEWEST_OF_A_NUMBER = 15
"""Digits of an ID number of the old cards; the last four are no number to begin with."""
MOST_OF_A_TEXT = 1_000
"""Characters that are kept of one answer: twice what the longest may have, so that too long is told."""


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
    return redirect(_address(draft))


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
    return redirect(_address(draft))


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
    return redirect(_address(draft))


def _elders_here(request: SignedInRequest) -> "QuerySet[Elder]":
    """The elders whose forms this person fills in."""
    homes = households_of(request.user).values("pk")
    rows: QuerySet[Elder] = Elder.objects.visible_to(request.user).filter(
        household__in=homes, merged_into=None
    )
    return rows.select_related("household__place")


# Step by step


def _address(draft: RegistrationDraft, step: str = "", look: bool = False) -> str:
    address = reverse("registration_draft", args=[draft.pk])
    return f"{address}?step={step or draft.step}{'&look=1' if look else ''}"


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
    return _DraftPage(request, _own_draft(request, draft)).respond()


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


class _DraftPage:
    """A step as it is shown, and what its buttons do."""

    def __init__(self, request: SignedInRequest, draft: RegistrationDraft) -> None:
        self.request, self.draft = request, draft
        self.user = request.user
        asked = request.POST.get("step") or request.GET.get("step") or draft.step
        self.step = BY_NAME.get(asked, STEPS[0])

    def respond(self) -> HttpResponse:
        if self.request.method == "POST":
            return self.take()
        return self.show()

    def form(self) -> Any:
        about = {"begun_with": self.draft.begun_with, "request": self.request}
        data = bound(self.draft.said)
        if self.draft.elder:
            return PhoneRenewal(data, obj=self.draft.elder, **about)
        return PhoneForm(data, obj=self.draft.household, **about)

    # Taking

    def take(self) -> HttpResponse:
        go, _, of = self.request.POST.get("go", "next").partition(":")
        try:
            self.keep(go)
            if go == "keep":
                return self.answer()
            if go == "submit":
                return self.submit()
        except (ValueError, NotAllowed) as refused:
            messages.error(self.request, str(refused))
            return redirect("register")
        if go == "big":
            turn_big_text(self.request)
        if go == "drop" and of.isdecimal() and self.step.lines:
            self.drop(int(of))
        if go == "add" and self.step.lines:
            number = rows_of(self.draft.said, self.step.lines)
            self.change({f"{self.step.lines}-{number}-name": [""]})
        step, look = self.onward(go, of)
        if not step:
            return redirect("register")
        if step != self.step.name:
            actions.keep_answers(by=self.user, draft=self.draft, said={}, step=step)
        return redirect(_address(self.draft, step, look))

    def keep(self, go: str) -> None:
        """Keep what was sent: of a whole step also what was emptied, in the background the named fields only."""
        sent = self.request.POST
        names = set(sent.getlist("only")) if go == "keep" else self.names_sent()
        allowed = {name for name in names if self.belongs(name)}
        if go == "keep" and self.lines_have_moved():
            allowed = {name for name in allowed if name.partition("-")[0] not in LINES}
        said: dict[str, list[str] | None] = {
            name: [tidy(text)[:MOST_OF_A_TEXT] for text in sent.getlist(name)] or None for name in allowed
        }
        chosen, before = ((said.get("household") or [NEW])[-1], self.draft.said.get("household") or [NEW])
        if "household" in said and [chosen] != before:
            self.move_to(chosen, said)
        else:
            self.change(said)

    def lines_have_moved(self) -> bool:
        """Whether one has come or gone since that page: then the others do not stand where they stood on it."""
        rows = self.request.POST.get("rows")
        return rows is not None and rows != str(rows_of(self.draft.said, self.step.lines))

    def change(self, said: Mapping[str, list[str] | None], **more: Said) -> None:
        step = self.step.name
        self.draft = actions.keep_answers(by=self.user, draft=self.draft, said=said, step=step, **more)

    def drop(self, number: int) -> None:
        """Take a line out."""
        said, prefix = self.draft.said, self.step.lines
        others = [line for at, line in lines_of(said, prefix).items() if at != number]
        self.change(as_lines(said, prefix, others))

    def names_sent(self) -> set[str]:
        """Every field of the step: what the browser leaves out was emptied."""
        names = (
            {*self.step.names, "looked_at"} if self.step.name in (FIRST, CHECK.name) else set(self.step.names)
        )
        lines = {name for name in self.request.POST if name.partition("-")[0] == self.step.lines}
        return names | lines

    def belongs(self, name: str) -> bool:
        head, _, rest = name.partition("-")
        if head in LINES:
            return head == self.step.lines and rest.partition("-")[0].isdecimal() and len(name) < 60
        return name in self.step.names or name == "looked_at"

    def move_to(self, chosen: str, said: Changes) -> None:
        """Another household is chosen: what stands in its file comes in where nothing was typed, what stood in that of
        the one chosen before goes."""
        before, former = self.draft.said, self.draft.begun_with
        home = households_of(self.user).filter(pk=key_of(chosen)).first()
        begun = home_answers(home, request=self.request) | {"address": [home.address]} if home else {}
        moved: Changes = {name: None for name in former if before.get(name) == former[name]}
        typed = {name for name, texts in before.items() if is_answer(texts) and name not in moved}
        moved |= {name: texts for name, texts in begun.items() if name not in typed}
        for prefix in LINES:
            theirs = lines_of(former, prefix).values()
            lines = lines_of(before, prefix).values()
            own = [line for line in lines if line not in theirs and "member" not in line]
            moved |= as_lines(before | begun, prefix, [*own, *lines_of(begun, prefix).values()])
        self.change(moved | said, begun_with=begun)

    def answer(self) -> JsonResponse:
        """To the script that keeps in the background: when, and what the number says."""
        told = {}
        if "id_number" in self.request.POST.getlist("only"):
            told["id_number"] = told_by((self.draft.said.get("id_number") or [""])[0])
        return JsonResponse({"saved": clock_words(self.draft.updated_at), "told": told})

    def onward(self, go: str, of: str) -> tuple[str, bool]:
        """The step to which a button leads, "" for none, and whether its mistakes are shown."""
        order = [step.name for step in ALL_STEPS]
        at = order.index(self.step.name)
        if go == "to" and of in BY_NAME:
            return of, False
        if go == "back":
            return (order[at - 1] if at else ""), False
        if go == "leave":
            return "", False
        if go in ("big", "stay", "add", "drop"):
            return self.step.name, False
        if go == "next" and self.step is not CHECK:
            form = self.form()
            form.is_valid()
            if self.step.name in wrong_steps(form):
                return self.step.name, True
        return order[min(at + 1, len(order) - 1)], False

    # Submitting

    def submit(self) -> HttpResponse:
        form = self.form()
        if not form.is_valid():
            self.tell_what_changed(form)
            return redirect(_address(self.draft, CHECK.name, look=True))
        said = form.cleaned_data
        place = Division.objects.filter(code=said.get("place") or "").first()
        if place and not registers_at(self.user, place.code):
            place = None
        made = actions.submit_draft(
            by=self.user,
            draft=self.draft,
            place=place,
            household=form.home,
            address=said.get("address", ""),
            home=said["home"],
            data=form_data(said),
        )
        return redirect("registration_done", made.elder_id)

    def tell_what_changed(self, form: Any) -> None:
        """Somebody else has changed the file meanwhile: told once, then it counts as seen."""
        now = {name: form.data.getlist(name) for name in (SEEN, TOLD) if name in form.data}
        if any(self.draft.said.get(name) != texts for name, texts in now.items()):
            self.change(now)
            for words in form.non_field_errors():
                messages.warning(self.request, words)

    # Showing

    def show(self) -> HttpResponse:
        form = self.form()
        form.is_valid()
        wrong = wrong_steps(form)
        look = "look" in self.request.GET
        at = ALL_STEPS.index(self.step)
        context = {
            "draft": self.draft,
            "form": form,
            "step": self.step,
            "number": at + 1,
            "total": len(ALL_STEPS),
            "saved": clock_words(self.draft.updated_at),
            "here": reverse("registration_draft", args=[self.draft.pk]),
            "mistakes": wrong.get(self.step.name, []) if look else [],
            "whose": self.whose(),
            "asked": self.asked(form, look),
        }
        if self.step is CHECK:
            return render(self.request, "elders/check.html", context | self.checked(form, wrong))
        context |= {
            "groups": list(shown_groups(form, self.step, with_errors=look)),
            "lines": shown_lines(form, self.step, with_errors=look) if self.step.lines else [],
            "home": form.home,
        }
        return render(self.request, "elders/step.html", context)

    def whose(self) -> str:
        return (self.draft.said.get("name") or [""])[0]

    def asked(self, form: Any, look: bool) -> Any:
        """The records that are like this one, where they are to be looked at."""
        asks_here = self.step is CHECK or (self.step.name == FIRST and look)
        return form["looked_at"] if asks_here and "looked_at" in form.fields else None

    def checked(self, form: Any, wrong: dict[str, list[str]]) -> dict[str, Any]:
        parts = [
            {
                "step": step,
                "rows": check_rows(form, step),
                "wrong": wrong.get(step.name, []),
                "unasked": unasked(form, step),
            }
            for step in STEPS
        ]
        numbers = [line.get("id_number", "") for line in form.cleaned_data.get("members", ())]
        return {
            "parts": parts,
            "wrong": wrong,
            "wrong_steps": [BY_NAME[name] for name in wrong if name != CHECK.name],
            "told": [match.words for match in getattr(form, "matches", ()) if not match.is_asked],
            "elders_too": elders_among_members(numbers, form.home, by=self.user),
            "outlook": outlook(form, self.draft.elder),
            "news": form.news(),
        }


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
