"""户: one dwelling, who lives in it, who visits it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from elders import actions
from elders.admin.filters import CoverageFilter
from elders.admin.words import class_badge, home_sections, status_badge
from elders.forms import CohabitantForm, HomeForm, elders_too, form_data, write_home
from elders.models import Assignment, AssistanceItem, ClassPeriod, Elder, Household, HouseholdMember
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import Door, Facts, OfficeRequest, ScopedAdmin, Section, Table, link, page_url
from visitcare.kit.identity import age_on
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.models import Posting
from visitcare.org.roles import FIELD_ROLES, Right


def _add_elder(request: OfficeRequest, household: Household, said: dict[str, Any]) -> str:
    with transaction.atomic():
        form = actions.register_elder(by=request.user, household=household, data=form_data(said))
        actions.submit_form(by=request.user, form=form)
    return f"{form.elder.name}的登记表已提交，等镇民政负责人批准。"


def _write_home(request: OfficeRequest, household: Household, said: dict[str, Any]) -> str:
    write_home(by=request.user, home=household, said=said)
    for words in elders_too(by=request.user, home=household, said=said):
        messages.warning(request, words)
    return "家庭情况改好了。成员有变化的，类别从下一个星期一起自动重新判定。"


@admin.register(Household)
class HouseholdAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    doors = (
        Door(
            "add_elder",
            "登记同住的老人",
            Right.REGISTER_ELDER,
            _add_elder,
            form=CohabitantForm,
            words="登记这一户的另一位老人。同住的老人互相影响类别，所以要登记在同一户。",
            apart=True,
            template="admin/elders/renew.html",
        ),
        Door(
            "home",
            "改家庭情况",
            Right.REGISTER_ELDER,
            _write_home,
            form=HomeForm,
            words="家庭成员、家庭条件、补贴和帮扶，一户填一份，同住的老人共用。",
            apart=True,
            template="admin/elders/home.html",
        ),
    )
    list_display = ("address_words", "number", "place_words", "elders_words")
    list_filter = (*places("place__code"), CoverageFilter)
    list_select_related = ("place",)
    search_hint = "户编号、地址、村名或老人姓名"
    ordering = ("place", "number", "pk")

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        return rows.prefetch_related(
            Prefetch("elders", Elder.objects.filter(merged_into=None).order_by("birth_date"))
        )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        named = Elder.objects.filter(household=OuterRef("pk"), name__icontains=term)
        return rows.filter(
            Q(number=term) | Q(address__icontains=term) | Q(place__path__icontains=term) | Exists(named)
        )

    @admin.display(description="地址")
    def address_words(self, household: Household) -> str:
        return household.address or "（没有填地址）"

    @admin.display(description="村（居）/组")
    def place_words(self, household: Household) -> str:
        return household.place.path

    @admin.display(description="老人")
    def elders_words(self, household: Household) -> str:
        return "、".join(elder.name for elder in household.elders.all()) or "—"

    # Page

    def place_code(self, household: Household) -> str:
        return household.place_id

    def sections(self, request: OfficeRequest, household: Household) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("村（居）/组", household.place.path),
                ("户编号", household.number or "—"),
                ("居住地址", household.address or None),
                ("建档", household.created_at.date()),
            ],
        )
        classes = dict(
            ClassPeriod.objects.on(today())
            .filter(elder__household=household)
            .values_list("elder", "risk_class")
        )
        yield Table(
            "老人",
            heads=("姓名", "类别", "状态", "性别", "年龄", "证件号码"),
            rows=[
                (
                    link(elder, page_url(elder)),
                    class_badge(classes.get(elder.pk)),
                    status_badge(elder),
                    elder.get_sex_display(),
                    age_on(elder.birth_date, today()),
                    elder.masked_id_number,
                )
                for elder in household.elders.filter(merged_into=None).order_by("birth_date")
            ],
        )
        yield from home_sections(household)
        yield self._visitors(household)

    def _visitors(self, household: Household) -> Table:
        named = Assignment.objects.in_force(today()).filter(household=household).select_related("worker")
        rows = [(one.worker.name, "指定探访这户", one.starts_on) for one in named]
        codes = [household.place_id, household.place_id[:12]]
        serving = Posting.objects.in_force(today()).filter(place__in=codes, role__in=FIELD_ROLES)
        for posting in serving.select_related("user", "place").order_by("-place_id", "role"):
            rows.append(
                (posting.user.name, f"{posting.place.path} {posting.get_role_display()}", posting.starts_on)
            )
        return Table("谁负责探访", heads=("姓名", "任职", "起始日期"), rows=rows, empty="还没有人负责这户。")

    def closing(self, request: OfficeRequest, household: Household) -> Iterable[Section]:
        parts = (
            former(model, household=household) for model in (HouseholdMember, AssistanceItem, Assignment)
        )
        yield from traces(
            request, household, *parts, where=household.place_id, also=Right.REVIEW_REGISTRATION
        )
