"""没联系上: elders whom nobody has reached, whose turn it is, and what the town does about it."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, UUIDField, Value
from django.utils.html import format_html

from elders.admin.words import class_badge
from elders.models import ClassPeriod, Elder
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ScopedAdmin,
    Section,
    Table,
    badge,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.admin.lists import ScopedChangeList
from visitcare.kit.masking import mask_phone
from visitcare.org.filters import places
from visitcare.org.roles import Right
from visits.actions import inquire
from visits.actions.inquiring import MOST_DAYS_SAFE
from visits.admin.words import inquiries_table
from visits.chains import STEP_WORDS, Chain
from visits.models import Inquiry, UnreachedElder, Visit
from visits.unreached import chains_seen_by


def chains(request: OfficeRequest) -> dict[UUID, Chain]:
    """The chains that the person may see, read once a request."""
    known: dict[UUID, Chain] | None = getattr(request, "_chains", None)
    if known is None:
        known = chains_seen_by(request.user)
        request._chains = known  # type: ignore[attr-defined]
    return known


class ChainFilter(Choice):
    """Elders by what is true of their chain."""

    @abstractmethod
    def fits(self, chain: Chain, value: str) -> bool:
        """Whether a chain is one of the option's."""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        fitting = [elder for elder, chain in chains(self.request).items() if self.fits(chain, value)]
        return rows.filter(pk__in=fitting)


class StepFilter(ChainFilter):
    title = "到哪一步"
    parameter_name = "step"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return list(STEP_WORDS.items())

    def fits(self, chain: Chain, value: str) -> bool:
        return chain.step.name == value


class ClassFilter(ChainFilter):
    title = "类别"
    parameter_name = "class"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(letter, f"{letter}类") for letter in ClassPeriod.RiskClass.values]

    def fits(self, chain: Chain, value: str) -> bool:
        return chain.risk_class == value


class OutcomeForm(DoorForm):
    safe = forms.TypedChoiceField(
        label="结果",
        choices=[("yes", "知道老人平安（问过意愿的也选这个）"), ("no", "还没有消息，接着找")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="情况",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="做了什么，问了谁，怎么说的。这不算一次探访。",
    )
    until = forms.DateField(
        label="到哪一天为止不用再找",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"知道平安时填，不填就是今天，最多 {MOST_DAYS_SAFE} 天。更久不在家的，请到老人档案里办暂停。",
    )


def _inquire(request: OfficeRequest, elder: UnreachedElder, said: dict[str, Any]) -> str:
    inquire(by=request.user, elder=elder, step=Inquiry.Step.TOWN, **said)
    return f"{elder.name}的处理结果记好了。"


class UnreachedList(ScopedChangeList):
    """In the order of the chains; each row of the page gets its own."""

    def get_ordering(self, request: OfficeRequest, queryset: QuerySet) -> list[str]:
        super().get_ordering(request, queryset)
        return ["turn"]

    def get_results(self, request: OfficeRequest) -> None:
        super().get_results(request)
        for elder in self.result_list:
            elder.chain = chains(request)[elder.pk]


@admin.register(UnreachedElder)
class UnreachedElderAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_title = "没联系上"
    list_intro = "打电话没人接、上门不在家以后，还没有人联系上的老人。时限：A类 24 小时，B类 48 小时，C类 7 天（按政策参数）；联系上一次，就不在这里了。"
    list_display = ("who", "letter", "place", "since", "tries", "step", "owner", "overdue")
    list_filter = (StepFilter, ClassFilter, *places("household__village_code"))
    list_select_related = ("household__place",)
    search_hint = "老人姓名或村名"
    empty_words = "没有符合条件的老人：都联系上了。"
    doors = (
        Door(
            "inquire",
            "记处理结果",
            Right.FOLLOW_UP,
            _inquire,
            form=OutcomeForm,
            tone="main",
        ),
    )

    def get_changelist(self, request: OfficeRequest, **kwargs: Any) -> type[ScopedChangeList]:
        return UnreachedList

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        """Those with an open chain, the longest overdue first."""
        keys = list(chains(request))
        turn = Func(
            Value(keys, output_field=ArrayField(UUIDField())),
            F("pk"),
            function="array_position",
            output_field=IntegerField(),
        )
        rows = super().get_queryset(request).filter(pk__in=keys)
        return rows.select_related("household__place").annotate(turn=turn)

    def get_object(self, request: OfficeRequest, object_id: str, from_field: str | None = None) -> Any:
        elder = super().get_object(request, object_id, from_field)
        if elder:
            elder.chain = chains(request)[elder.pk]
        return elder

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(name__icontains=term) | Q(household__place__path__icontains=term))

    @admin.display(description="老人")
    def who(self, elder: Any) -> str:
        return elder.name

    @admin.display(description="类别")
    def letter(self, elder: Any) -> str:
        return class_badge(elder.chain.risk_class)

    @admin.display(description="村（居）/组")
    def place(self, elder: Any) -> str:
        return elder.household.place.path

    @admin.display(description="从什么时候起")
    def since(self, elder: Any) -> str:
        return moment(elder.chain.since)

    @admin.display(description="试了几次")
    def tries(self, elder: Any) -> int:
        return len(elder.chain.attempts)

    @admin.display(description="到哪一步")
    def step(self, elder: Any) -> str:
        return badge(elder.chain.step_words, "bad" if elder.chain.is_alert else "mind")

    @admin.display(description="由谁办")
    def owner(self, elder: Any) -> str:
        return elder.chain.owner_words

    @admin.display(description="超时")
    def overdue(self, elder: Any) -> str:
        return elder.chain.overdue_words or format_html("{} 到时限", moment(elder.chain.alert_at))

    # Page

    def place_code(self, elder: Any) -> str:
        return elder.household.place_id

    def badges(self, elder: Any) -> Iterable[str]:
        return [self.step(elder)]

    def subheading(self, elder: Any) -> str:
        return f"{elder.chain.story}{elder.household}"

    def after_door(self, request: OfficeRequest, door: Door, elder: Any) -> str:
        """To what is still to be found; the page of somebody who is known to be safe is no more."""
        return rows_url("visits.unreachedelder", step="town")

    def sections(self, request: OfficeRequest, elder: Any) -> Iterable[Section]:
        chain = elder.chain
        yield Facts(
            "",
            rows=[
                ("老人", link(elder.name, page_url(Elder(pk=elder.pk)))),
                ("类别", class_badge(chain.risk_class)),
                ("户", link(elder.household, page_url(elder.household))),
                ("从什么时候起", moment(chain.since)),
                ("时限", moment(chain.alert_at)),
                ("超时", chain.overdue_words or "还没有"),
                ("到哪一步", chain.step_words),
                ("由谁办", chain.owner_words),
                ("紧急联系人", f"{chain.contact} {mask_phone(chain.phone)}".strip() or "没有登记"),
            ],
        )
        attempts = (
            Visit.objects.visible_to(request.user)
            .filter(visited__in=[attempt.key for attempt in chain.attempts])
            .select_related("worker")
            .order_by("started_at")
        )
        yield Table(
            "试过的",
            heads=("时间", "方式", "结果", "探访人"),
            rows=[
                (
                    moment(visit.started_at),
                    visit.get_mode_display(),
                    visit.get_outcome_display(),
                    visit.worker.name,
                )
                for visit in attempts
            ],
        )
        yield inquiries_table(
            "问过的、看过的",
            elder.inquiries.filter(at__gte=chain.since).select_related("by"),
            empty="还没有人记过。",
        )
