"""What somebody found out about an elder whom nobody reached: the emergency contact was asked, the village has looked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from elders.models import Elder
from visitcare.kit.spoken import day_words
from visitcare.kit.texts import TidyForm
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right
from visits import queries
from visits.actions import inquire
from visits.actions.inquiring import MOST_DAYS_SAFE
from visits.chains import Chain
from visits.models import Inquiry
from visits.unreached import chains_of

DAYS_SAFE = (0, 2, MOST_DAYS_SAFE)


class InquiryForm(TidyForm):
    """Two buttons, a few words, and for how long the elder need not be looked for."""

    result = forms.ChoiceField(
        choices=[("safe", "知道平安"), ("unknown", "还不知道")],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "没有点是什么情况。请点下面的一个按钮。"
        ),
    )
    words = forms.CharField(
        label="问了谁，怎么说的",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写几个字：问了谁，怎么说的。"},
    )
    days = forms.TypedChoiceField(
        label="知道平安的，到哪一天为止不用再找？",
        coerce=int,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["days"]
        days.choices = [
            (
                ahead,
                "只是今天" if not ahead else f"到{day_words(today() + timedelta(days=ahead), today=today())}",
            )
            for ahead in DAYS_SAFE
        ]

    @property
    def mistakes(self) -> list[str]:
        return [str(words) for errors in self.errors.values() for words in errors]


@worker_page
@require_http_methods(["GET", "POST"])
def answer_chain(request: SignedInRequest, elder: UUID) -> HttpResponse:
    """One elder whom nobody has reached: what was tried, whom to call, and what came of it."""
    households = queries.field_households(request.user)
    found = get_object_or_404(
        Elder.objects.filter(household__in=households).select_related("household__place"), pk=elder
    )
    chain = chains_of([found.pk]).get(found.pk)
    if request.method == "GET":
        if chain is None:
            messages.info(request, f"{found.name}不用找了：已经联系上了，或者现在不用探访。")
            return redirect("home")
        return _show(request, found, chain, InquiryForm(initial={"days": 0}))
    form = InquiryForm(request.POST)
    if not form.is_valid():
        return _show(request, found, chain, form, form.mistakes)
    said = form.cleaned_data
    safe = said["result"] == "safe"
    try:
        inquire(
            by=request.user,
            elder=found,
            step=_step(request.user, found, chain),
            safe=safe,
            words=said["words"],
            until=today() + timedelta(days=said["days"] or 0) if safe else None,
        )
    except (ValueError, NotAllowed) as refused:
        return _show(request, found, chain, form, [str(refused)])
    messages.success(request, f"记好了：{found.name}，{_what_follows(found, safe=safe)}")
    return redirect("home")


def _step(user: User, elder: Elder, chain: Chain | None) -> str:
    """A cadre answers for the village, once it is its turn; everybody else for having asked around."""
    is_cadre = user.may(Right.FOLLOW_UP, elder.household.place_id)
    turned = chain is not None and (chain.is_the_villages or chain.is_alert)
    return Inquiry.Step.VILLAGE if is_cadre and turned else Inquiry.Step.CONTACT


def _what_follows(elder: Elder, *, safe: bool) -> str:
    if safe:
        return "知道平安。这不算一次探访，该看望的还要看望。"
    chain = chains_of([elder.pk]).get(elder.pk)
    return f"还没有消息。{chain.to_do}{chain.what_follows}" if chain else "还没有消息。"


def _show(
    request: SignedInRequest,
    elder: Elder,
    chain: Chain | None,
    form: InquiryForm,
    mistakes: list[str] | None = None,
) -> HttpResponse:
    context = {
        "elder": elder,
        "chain": chain,
        "form": form,
        "mistakes": mistakes or [],
        "for_village": _step(request.user, elder, chain) == Inquiry.Step.VILLAGE,
    }
    return render(request, "visits/unreached.html", context)
