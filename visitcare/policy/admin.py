"""政策参数: the dated readings, with their values in words. Everybody in an office may read them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet

from visitcare.audit.admin import traces
from visitcare.kit.admin import Facts, OfficeRequest, ScopedAdmin, Section, Table, badge, by_field, moment
from visitcare.kit.weeks import today
from visitcare.org.roles import Right
from visitcare.policy.models import PolicyVersion
from visitcare.policy.rules import SERIES

WORDS = {
    "a_weekly": "A类每周至少（上门、电话或视频）",
    "b_weekly": "B类每周至少（上门、电话或视频）",
    "c_weekly": "C类每周至少（上门、电话或视频）",
    "kin_in_county_breaks_alone": "配偶或子女住在本县，就不算独居、空巢",
    "semi_disabled": "哪些程度算半失能",
    "surplus_home_covers_phone": "多出来的上门可以顶电话",
    "family_answer_needs_unable": "家属代答，只在老人无法言语或听力时算数",
    "auto_accept_hours": "没有疑点的记录，多少小时后自动通过",
    "spot_check_percent": "抽查比例（%）",
    "day_starts_hour": "正常探访时间从几点起",
    "day_ends_hour": "正常探访时间到几点止",
    "burst_minutes": "两户上门间隔少于几分钟算疑点",
    "alert_hours_a": "A类联系不上，几小时后预警",
    "alert_hours_b": "B类联系不上，几小时后预警",
    "alert_hours_c": "C类联系不上，几小时后预警",
    "rate": "补贴标准（元/次）",
    "pay_unit": "按什么计酬",
    "per_day": "同一户、同一种方式一天最多计几次",
    "pay_cap": "每周计酬上限",
    "late_unpaid": "录入太晚的不计酬",
    "public_notice_days": "公示天数",
}
_VALUES = {
    "pay_unit": {"contact": "按次（一户一次）", "elder": "按人"},
    "pay_cap": {"none": "不设上限", "weekly_minimum": "以每周最低次数为限"},
}
_LEVELS = {
    "intact": "能力完好",
    "mild": "轻度失能",
    "moderate": "中度失能",
    "severe": "重度失能",
    "total": "完全失能",
}


def value_words(name: str, value: Any) -> str:
    """A value as people say it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_weekly"):
        return f"上门 {value[0]} 次，电话或视频 {value[1]} 次"
    if isinstance(value, (list, tuple, frozenset)):
        return "、".join(words for level, words in _LEVELS.items() if level in value) or "没有"
    return _VALUES.get(name, {}).get(value, str(value))


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
        shown = values.to_json()
        yield Table(
            "参数",
            heads=("参数", "取值"),
            rows=[
                (WORDS.get(name, name), value_words(name, Decimal(value) if name == "rate" else value))
                for name, value in shown.items()
            ],
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
