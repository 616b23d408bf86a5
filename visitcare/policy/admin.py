"""政策参数: the dated readings, with their values in words. Everybody in an office may read them."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet

from visitcare.audit.admin import traces
from visitcare.kit.admin import Facts, OfficeRequest, ScopedAdmin, Section, Table, badge, by_field, moment
from visitcare.kit.weeks import today
from visitcare.org.roles import Right
from visitcare.policy.models import PolicyVersion
from visitcare.policy.rules import SERIES
from visitcare.policy.words import setting_words


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    everybody = True
    list_intro = "办法里没有写死的口径，都在这里，带生效日期。分类、频次从星期一起算，补贴从每月 1 日起算。"
    list_display = ("series", "effective_from", "standing", "note", "drafted_by", "enacted_by")
    list_filter = (by_field("series", "类别", PolicyVersion.Series.choices),)
    list_select_related = ("drafted_by", "enacted_by")

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        later = PolicyVersion.objects.filter(
            series=OuterRef("series"),
            enacted_at__isnull=False,
            effective_from__gt=OuterRef("effective_from"),
            effective_from__lte=today(),
        )
        return super().get_queryset(request).annotate(replaced=Exists(later))

    @admin.display(description="状态")
    def standing(self, version: PolicyVersion) -> str:
        if version.enacted_at is None:
            return badge("草稿", "mind")
        if version.effective_from > today():
            return badge("到日子生效", "wait")
        return badge("已被新版代替") if version.replaced else badge("现在执行", "ok")  # type: ignore[attr-defined]

    def badges(self, version: PolicyVersion) -> Iterable[str]:
        return [self.standing(version)]

    def sections(self, request: OfficeRequest, version: PolicyVersion) -> Iterable[Section]:
        values = SERIES[version.series].from_json(version.effective_from, version.values)
        yield Table(
            "参数",
            heads=("参数", "取值"),
            rows=[setting_words(name, value) for name, value in values.to_json().items()],
        )
        yield Facts(
            "由来",
            rows=[
                ("起草人", version.drafted_by),
                ("批准人", version.enacted_by or "—"),
                ("批准时间", moment(version.enacted_at)),
                ("说明", version.note or "—"),
            ],
        )

    def closing(self, request: OfficeRequest, version: PolicyVersion) -> Iterable[Section]:
        yield from traces(request, version)
