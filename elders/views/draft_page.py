"""One step of a registration on a phone: how it is shown, and what its buttons do."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from elders import actions
from elders.forms import form_data
from elders.forms.drafted import TOLD, home_answers
from elders.forms.meeting import SEEN
from elders.forms.phone import (
    NEW,
    PhoneForm,
    PhoneRenewal,
    households_of,
    key_of,
    registers_at,
)
from elders.forms.texts import LINES, Changes, Said, as_lines, bound, is_answer, lines_of, rows_of
from elders.matching import elders_among_members
from elders.models import RegistrationDraft
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
from visitcare.org.pages import SignedInRequest
from visitcare.org.views import turn_big_text

FIRST = STEPS[0].name
MOST_OF_A_TEXT = 1_000
"""Characters that are kept of one answer: twice what the longest may have, so that too long is told."""


def address_of(draft: RegistrationDraft, step: str = "", look: bool = False) -> str:
    address = reverse("registration_draft", args=[draft.pk])
    return f"{address}?step={step or draft.step}{'&look=1' if look else ''}"


class DraftPage:
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
        return redirect(address_of(self.draft, step, look))

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
            return redirect(address_of(self.draft, CHECK.name, look=True))
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
