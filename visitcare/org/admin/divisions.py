"""地区, to read: what is above and below, and who serves there."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Count, QuerySet

from visitcare.kit.admin import (
    Facts,
    OfficeRequest,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    link,
    page_url,
)
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.models import Division, Posting
from visitcare.org.roles import Right

YES_NO = (("1", "是"), ("0", "否"))


@admin.register(Division)
class DivisionAdmin(ScopedAdmin):
    see = Right.SEE_ACCOUNTS
    list_display = ("name", "level", "path", "code", "is_used")
    list_filter = (
        by_field("level", "级别", Division.Level.choices),
        by_field("active", "启用", YES_NO),
        *places("code"),
    )
    search_hint = "名称或代码"

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(code__startswith=term) if term.isdecimal() else rows.filter(path__icontains=term)

    def place_code(self, division: Division) -> str:
        return division.code

    @admin.display(description="启用")
    def is_used(self, division: Division) -> str:
        return badge("启用", "ok") if division.active else badge("停用")

    def heading(self, division: Division) -> str:
        return division.path

    def badges(self, division: Division) -> Iterable[str]:
        return [badge(division.get_level_display()), self.is_used(division)]

    def sections(self, request: OfficeRequest, division: Division) -> Iterable[Section]:
        above = (
            division.parent
            if Division.objects.visible_to(request.user).filter(pk=division.parent_id)
            else None
        )
        yield Facts(
            "",
            rows=[
                ("代码", division.code),
                ("名称", division.name),
                ("上级", link(above, page_url(above)) if above else (division.parent or "—")),
            ],
        )
        below = division.children.annotate(people=Count("postings__user", distinct=True)).order_by("code")
        yield Table(
            "下级",
            heads=("名称", "代码", "任职人数（直接）"),
            rows=[(link(child.name, page_url(child)), child.code, child.people) for child in below],
            numbers=frozenset({2}),
            empty="没有下级。",
        )
        serving = (
            Posting.objects.visible_to(request.user)
            .filter(place=division)
            .in_force(today())
            .select_related("user")
            .order_by("role", "user__name")
        )
        yield Table(
            "现在任职的人",
            heads=("姓名", "角色", "起始日期"),
            rows=[(link(p.user, page_url(p.user)), p.get_role_display(), p.starts_on) for p in serving],
            empty="没有人直接任在这里。",
        )
