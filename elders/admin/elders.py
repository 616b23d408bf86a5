"""老人: the list to find somebody, the page with everything about them, and the registration of somebody new."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.html import format_html

from elders import actions
from elders.admin.elder_class import class_badges, class_history, class_sections
from elders.admin.elder_doors import DOORS
from elders.admin.elder_file import completeness, contacts, other_files
from elders.admin.elder_life import life_sections
from elders.admin.filters import (
    ANY,
    BirthdayFilter,
    ClassFilter,
    FileFilter,
    FilesFilter,
    HouseholdFilter,
    MissingFilter,
    PauseFilter,
    SuggestionFilter,
    WishesFilter,
)
from elders.admin.moves import MOVING
from elders.admin.papers import PrintForm, print_all
from elders.admin.words import (
    class_badge,
    form_facts,
    home_sections,
    status_badge,
)
from elders.birthdays import AGES
from elders.completeness import with_gaps
from elders.due import with_last_asked, with_pause_due
from elders.forms import NewElderForm, elders_too, form_data, write_home
from elders.matching import by_number, ways_by_name
from elders.models import (
    ActivePeriod,
    Assessment,
    AssistanceItem,
    CarePlan,
    ClassOverride,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    Move,
    Pause,
    RegistrationForm,
    Residence,
)
from elders.rules import ADULT_OLD, ADVANCED, FACT_WORDS, FAMILY_PLANNING_AGE
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import (
    BulkDoor,
    OfficeRequest,
    ScopedAdmin,
    Section,
    by_field,
    day,
)
from visitcare.kit.identity import age_on, birthday
from visitcare.kit.weeks import today
from visitcare.org.actions import ensure_group
from visitcare.org.filters import places
from visitcare.org.models import Division
from visitcare.org.roles import Right

MOST_NAMED = 1_000
"""How many elders that a search found are asked for by their keys; for more, one look at every row costs less."""
DAY_OF = {"pause": "pause_due_on", "wishes": "last_asked_on"}
"""The column that shows the day a filter is about."""
PARTS = (
    *(RegistrationForm, Assessment, Consent, CarePlan, Residence, Move, ActivePeriod, Pause),
    *(ClassOverride, ClassPeriod),
)
PARTS_OF_HOME = (HouseholdMember, AssistanceItem)


@admin.register(Elder)
class ElderAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    add_right = Right.REGISTER_ELDER
    add_form = NewElderForm
    add_words = "登记老人"
    add_template = "admin/elders/register.html"
    list_display = ("name", "class_now", "sex_and_age", "place", "status_words", "masked_id", "lacks")
    list_filter = (
        *places("household__place__code"),
        by_field("status", "状态", Elder.Status.choices),
        ClassFilter,
        MissingFilter,
        FileFilter,
        SuggestionFilter,
        BirthdayFilter,
        PauseFilter,
        WishesFilter,
        FilesFilter,
        HouseholdFilter,
    )
    search_hint = "姓名、村名，或证件号后四位、完整证件号"
    list_select_related = ("household__place",)
    ordering = ("household__place", "household", "birth_date", "pk")
    doors = (*DOORS, *MOVING)
    bulk_doors = (
        BulkDoor(
            "print_all",
            "打印登记表",
            Right.EXPORT,
            print_all,
            form=PrintForm,
            words="每人一份，A4 纸，按村、组、户的顺序。要打印一个村的，先在上面选这个村。",
        ),
    )

    # List

    def get_list_display(self, request: OfficeRequest) -> Sequence[str]:
        """With the day that the filter is about."""
        columns = [column for name, column in DAY_OF.items() if request.GET.get(name)]
        turns = request.GET.get(BirthdayFilter.parameter_name, "")
        if turns in (*map(str, AGES), ANY):
            columns.append(f"turns_{turns}")
        return (*self.list_display, *columns)

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        now = ClassPeriod.objects.on(today()).filter(elder=OuterRef("pk"))
        return with_gaps(with_last_asked(with_pause_due(rows))).annotate(
            risk_class=Subquery(now.values("risk_class")[:1]),
            missing=Subquery(now.values("verdict__missing")[:1]),
        )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        number = by_number(term)
        if number is not None:
            return rows.filter(number)
        divisions = Division.objects.filter(path__contains=term)
        there = Q(household__place__in=list(divisions.values_list("pk", flat=True)))
        ways = (there, *ways_by_name(term))
        # Found first, each way by itself: together the ways would be asked of every row of the county.
        each = [Elder.objects.filter(way).order_by().values_list("pk", flat=True) for way in ways]
        found = list(each[0].union(*each[1:])[: MOST_NAMED + 1])
        return rows.filter(pk__in=found) if len(found) <= MOST_NAMED else rows.filter(reduce(or_, ways))

    @admin.display(description="现在的类别")
    def class_now(self, elder: Elder) -> str:
        return class_badge(elder.risk_class)  # type: ignore[attr-defined]

    @admin.display(description="性别、年龄")
    def sex_and_age(self, elder: Elder) -> str:
        return f"{elder.get_sex_display()}，{age_on(elder.birth_date, today())} 岁"

    @admin.display(description="村（居）/组")
    def place(self, elder: Elder) -> str:
        return elder.household.place.path

    @admin.display(description="状态")
    def status_words(self, elder: Elder) -> str:
        return status_badge(elder)

    @admin.display(description="证件号码")
    def masked_id(self, elder: Elder) -> str:
        return elder.masked_id_number or elder.get_paper_kind_display()

    @admin.display(description="还缺的资料")
    def lacks(self, elder: Elder) -> str:
        """First what the class hangs on, then how much the file lacks."""
        facts = "、".join(FACT_WORDS[name] for name in elder.missing or ())  # type: ignore[attr-defined]
        gaps: list[str] = elder.gaps  # type: ignore[attr-defined]
        file = f"一户一档缺 {len(gaps)} 项" if gaps else "一户一档齐全"
        return format_html("{}<small>{}</small>", f"影响类别：{facts}" if facts else "", file)

    @admin.display(description="生日")
    def turns_any(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, age_on(elder.birth_date, today()) + 1))

    @admin.display(description="满 80 岁的日子")
    def turns_80(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, ADVANCED))

    @admin.display(description="满 70 岁的日子")
    def turns_70(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, FAMILY_PLANNING_AGE))

    @admin.display(description="满 60 岁的日子")
    def turns_60(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, ADULT_OLD))

    @admin.display(description="暂停到期")
    def pause_due_on(self, elder: Elder) -> Any:
        return elder.pause_due or "已到期"  # type: ignore[attr-defined]

    @admin.display(description="上次问")
    def last_asked_on(self, elder: Elder) -> Any:
        return elder.asked_on  # type: ignore[attr-defined]

    # Registration

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, RegistrationForm]:
        by = request.user
        with transaction.atomic():
            household = said.get("known")
            if household is not None:
                actions.fill_address(by=by, household=household, address=said["address"])
            else:
                village = said["village"]
                place = ensure_group(by=by, village=village, text=said["group"]) if said["group"] else village
                household = actions.open_household(
                    by=by, place=place, address=said["address"], number=said["number"].strip()
                )
            write_home(by=by, home=household, said=said, only_said=True)
            form = actions.register_elder(by=by, household=household, data=form_data(said))
            actions.submit_form(by=by, form=form)
        for words in elders_too(by=by, home=household, said=said):
            messages.warning(request, words)
        return f"{form.elder.name}的登记表已提交，等镇民政负责人批准。", form

    # Page

    def place_code(self, elder: Elder) -> str:
        return elder.household.place_id

    def badges(self, elder: Elder) -> Iterable[str]:
        yield from class_badges(elder)
        yield status_badge(elder)

    def subheading(self, elder: Elder) -> str:
        place = elder.household.place.path
        words = f"{self.sex_and_age(elder)}，{place} {elder.household.address}，{self.masked_id(elder)}"
        pause = elder.pauses.order_by("-starts_on").first() if elder.status == Elder.Status.PAUSED else None
        if pause:
            until = (
                f"到{day(pause.due_on)}" if pause.ends_on else f"还没定哪天回来，{day(pause.due_on)}要复核"
            )
            words += f"；{day(pause.starts_on)}起{pause.get_reason_display()}，{until}"
        return words

    def sections(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        yield from other_files(request, elder)
        yield from class_sections(request, elder)
        if elder.status != Elder.Status.CLOSED:
            yield completeness(request, elder)
        yield contacts(elder)
        form = elder.forms.filter(state=RegistrationForm.State.APPROVED).first() or elder.forms.first()
        if form:
            yield from form_facts(form)
        yield from home_sections(elder.household)
        yield from class_history(elder)
        yield from life_sections(elder)

    def closing(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        home = elder.household
        parts = [
            *(former(model, elder=elder) for model in PARTS),
            former(Household, pgh_obj=home),
            *(former(model, household=home) for model in PARTS_OF_HOME),
        ]
        yield from traces(request, elder, *parts, where=home.place_id, also=Right.REVIEW_REGISTRATION)
