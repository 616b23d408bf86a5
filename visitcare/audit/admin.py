"""操作记录: who did what, where and why. Read-only, as it is in the database."""

import json
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from visitcare.audit import history
from visitcare.audit.models import Event
from visitcare.audit.words import change_words
from visitcare.kit.admin import (
    Facts,
    Link,
    OfficeRequest,
    Period,
    ScopedAdmin,
    Section,
    Table,
    by_field,
    link,
    moment,
    rows_url,
)

CHANGES_A_PAGE = 30
HISTORY_NOTE = "数据库自己记的，每次改动前是什么样；不经系统、直接改数据库的也在里面。号码只显示头尾。"

VERBS = {
    "register_elder": "登记老人",
    "submit_form": "提交登记表",
    "approve_form": "批准登记表",
    "return_form": "退回登记表",
    "close_elder": "注销老人",
    "reopen_elder": "重新入册",
    "pause_elder": "暂停探访",
    "review_pause": "续办暂停",
    "end_pause": "结束暂停",
    "write_consent": "再问探访意愿",
    "propose_move": "提出迁移",
    "accept_move": "接收迁入",
    "send_back_move": "退回迁移",
    "withdraw_move": "撤回迁移",
    "carry_out_move": "迁移",
    "merge_elders": "并档",
    "open_household": "建户",
    "fill_address": "补登居住地址",
    "write_member": "登记家庭成员",
    "note_unseen": "遇到别处的档案",
    "remove_member": "删去家庭成员",
    "write_conditions": "登记家庭条件和帮扶",
    "print_form": "打印登记表",
    "export_list": "导出名单",
    "agree_care_plan": "约定关爱服务内容",
    "list_illness": "增加重病名录",
    "use_illness": "停用或恢复重病名录",
    "open_screening": "开始排摸",
    "refresh_screening": "补充排摸名单",
    "close_screening": "结束排摸",
    "screen_person": "排摸一位老人",
    "meet_person": "排摸新发现",
    "take_back_person": "撤回排摸新发现",
    "assign_worker": "指定探访人",
    "say_weekdays_off": "登记每周不方便的日子",
    "say_away": "登记不在的日子",
    "take_back_away": "取消不在的日子",
    "arrange_stand_in": "安排代班",
    "end_stand_in": "结束代班",
    "judge_again": "重新判定",
    "reclassify": "重新分类",
    "acknowledge_classes": "确认类别变化",
    "propose_override": "提出手工调整",
    "approve_override": "批准手工调整",
    "return_override": "退回手工调整",
    "end_override": "结束手工调整",
    "continue_override": "复核手工调整",
    "record_assessment": "录入能力评估",
    "review_visits": "审核探访",
    "ask_recheck": "请求复核探访",
    "uphold_visit": "复核探访，维持原来的结果",
    "record_reviews": "导入审核结果",
    "withdraw_visit": "撤回探访",
    "correct_visit": "更正探访",
    "conflict_visit": "同一编号又收到不同的记录",
    "see_photo": "看探访照片",
    "take_again": "再处理手机记录",
    "decline_kept": "不收手机记录",
    "take_phone_file": "收手机存的文件",
    "close_kept": "收回没收下的手机记录",
    "inquire": "处理没联系上的老人",
    "tell_town": "没联系上，报给镇里",
    "solve_referral": "办结隐患与需求",
    "open_week": "打开一周",
    "move_planned": "改计划的日子",
    "close_week": "关闭一周",
    "reckon_week": "周任务重新核算",
    "set_up_campaign": "安排加访",
    "end_campaign": "提前结束加访",
    "settle": "起草结算",
    "assess_settlement": "考核结算",
    "approve_settlement": "批准结算",
    "send_back": "退回结算",
    "withhold": "暂不发放",
    "withdraw_withholding": "恢复发放",
    "reveal": "查看个人信息",
    "export_sheet": "导出",
    "add_user": "新建账号",
    "appoint": "登记任职",
    "end_posting": "结束任职",
    "issue_first_password": "发初始密码",
    "print_card": "打印登录卡",
    "use_card": "用登录卡登录",
    "end_phone": "退出手机",
    "change_password": "修改密码",
    "keep_password_anew": "重新保存密码",
    "set_bank_account": "登记银行卡",
    "stop_undoing_import": "不撤销导入",
    "set_id_number": "补登身份证",
    "load_divisions": "导入区划",
    "add_group": "新增村民小组",
    "upload_import": "上传表格",
    "confirm_import": "确认导入",
    "store_import": "导入",
    "abandon_import": "放弃导入",
    "undo_import": "撤销导入",
    "export_verdicts": "下载导入结果",
    "rotate_key": "更换个人信息密钥",
    "drop_old_keys": "删除旧密钥",
}
"""Acts that can be chosen in the filter; others are found by their words."""


class AboutFilter(Link):
    """Everything about one object; its type and id come from a page that shows it."""

    title = "对象"
    parameter_name = "about"

    def find(self, value: str) -> str:
        found = Event.objects.visible_to(self.request.user).filter(_is_about(value)).order_by("-at").first()
        return found.about_label if found else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(_is_about(value))


def _is_about(value: str) -> Q:
    kind, _, pk = value.partition(":")
    return Q(about_type=kind, about_id=pk)


def traces(
    request: OfficeRequest,
    obj: Any,
    *parts: "QuerySet[Any]",
    where: str = "",
    events: "QuerySet[Event] | None" = None,
    also: str = "",
) -> Iterable[Section]:
    """What people did to an object, and, for readers of the audit of its place, what its row was before; `parts` are
    the histories of rows that belong to it, `events` as in `story`. `also` is a right that opens what was before to
    those who work with the row."""
    reads = request.user.may("read_audit", where)
    yield story(obj, complete=reads, events=events)
    if reads or (also and request.user.may(also, where)):
        own = history.Entries(obj.history.all())
        yield _former_values(request, obj, own, events, "history", "数据的历史", HISTORY_NOTE)
        if parts:
            belonging = history.Entries(*parts)
            yield _former_values(request, obj, belonging, events, "parts", "名下各项数据的历史")


def _former_values(
    request: OfficeRequest,
    obj: Any,
    entries: history.Entries,
    events: "QuerySet[Event] | None",
    name: str,
    title: str,
    note: str = "",
) -> Table:
    """One page of entries, the one that the address asks for under this name."""
    page: Page = Paginator(cast(Any, entries), CHANGES_A_PAGE).get_page(request.GET.get(name))
    changes = history.changes(obj, page)
    told = {event.pk for change in changes for event in change.events}
    if events is not None:
        told = set(events.filter(pk__in=told).values_list("pk", flat=True))

    def acted(change: history.Change) -> tuple[str, str]:
        """By whom, and what the act was; of acts in places that the reader does not see, only that there was one."""
        seen = [event for event in change.events if event.pk in told]
        if not change.events:
            return f"不经系统（数据库用户 {change.database_user}）", "没有操作记录"
        if not seen:
            return "别的地区", "别的地区的操作"
        who = dict.fromkeys(event.actor_name for event in seen)
        return "、".join(who), "；".join(dict.fromkeys(event.words for event in seen))

    return Table(
        title,
        note + _which(page),
        name,
        heads=("时间", "谁", "哪一项", "改了什么", "因为什么操作"),
        rows=[
            (
                moment(change.at),
                who,
                change.model._meta.verbose_name,
                format_html_join(mark_safe("<br>"), "{}", ((words,) for words in change_words(change))),
                why,
            )
            for change in changes
            for who, why in [acted(change)]
        ],
        empty="建立以后没有改过。",
        more=_further(page, name),
    )


def _which(page: Page) -> str:
    if not page.has_other_pages():
        return ""
    which = (
        f"第 {page.start_index()}—{page.end_index()} 条"
        if page.has_previous()
        else f"最近 {CHANGES_A_PAGE} 条"
    )
    return f"这里是{which}，一共 {page.paginator.count} 条。"


def _further(page: Page, name: str) -> tuple[str, str] | None:
    """The way to all of it, page by page, and from its end back to the beginning."""
    if page.has_next():
        return "看更早的", f"?{name}={page.next_page_number()}#{name}"
    return ("回到最近的", f"?#{name}") if page.has_previous() else None


class EventPeriod(Period):
    path = "at"


def story(
    obj: Any, *, most: int = 20, complete: bool = False, events: "QuerySet[Event] | None" = None
) -> Table:
    """What was done to an object, latest first; `complete` adds the way to all of it, for readers of the audit.

    What lies in one place is told to everybody who sees it. Who serves in several has a story in each: `events` are
    those that the reader may see."""
    label = obj._meta.label
    told = Event.objects.all() if events is None else events
    rows = told.filter(about_type=label, about_id=str(obj.pk)).order_by("-at")[:most]
    return Table(
        "谁看过、谁改过",
        heads=("时间", "谁", "做了什么", "原因"),
        rows=[(moment(event.at), event.actor_name, event.words, event.reason) for event in rows],
        empty="还没有操作记录。",
        more=("在操作记录里看全部", rows_url("audit.event", about=f"{label}:{obj.pk}")) if complete else None,
    )


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    see = "read_audit"
    list_display = ("at_words", "actor_name", "verb_words", "words", "area_path", "reason")
    list_filter = (
        by_field("verb", "动作", sorted(VERBS.items(), key=lambda item: item[1])),
        EventPeriod,
        AboutFilter,
    )
    search_hint = "内容、操作人、对象或地区"
    ordering = ("-at",)

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(
            Q(words__icontains=term)
            | Q(actor_name__icontains=term)
            | Q(about_label__icontains=term)
            | Q(area_path__icontains=term)
        )

    @admin.display(description="时间", ordering="at")
    def at_words(self, event: Event) -> str:
        return moment(event.at)

    @admin.display(description="动作")
    def verb_words(self, event: Event) -> str:
        return VERBS.get(event.verb, event.verb)

    def heading(self, event: Event) -> str:
        return VERBS.get(event.verb, event.verb)

    def subheading(self, event: Event) -> str:
        return event.words

    def sections(self, request: OfficeRequest, event: Event) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("时间", moment(event.at)),
                ("操作人", event.actor_name),
                ("内容", event.words),
                ("原因", event.reason or "—"),
                ("对象", self._about(event)),
                ("地区", event.area_path or "—"),
                ("细节", json.dumps(event.data, ensure_ascii=False) if event.data else "—"),
                ("记录编号", event.pk),
            ],
        )

    def _about(self, event: Event) -> str:
        if not event.about_type:
            return "—"
        try:
            address = reverse(
                f"admin:{event.about_type.lower().replace('.', '_')}_change", args=[event.about_id]
            )
        except NoReverseMatch:
            return event.about_label
        return link(event.about_label, address)
