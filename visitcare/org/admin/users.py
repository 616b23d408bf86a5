"""人员账号: read-only, but for the doors to accounts, postings, first passwords, cards and phones."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils.html import format_html_join

from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.audit.models import Event
from visitcare.kit.admin import Facts, OfficeRequest, ScopedAdmin, Section, Table, badge, moment
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_mobile
from visitcare.kit.masking import mask_card
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org import actions
from visitcare.org.admin import posting_doors, sign_in_doors
from visitcare.org.admin.filters import RoleFilter, SignInFilter, TownOfUser, VillageOfUser
from visitcare.org.cards import may_end_phones
from visitcare.org.models import BankAccount, Posting, User
from visitcare.org.roles import FIELD_ROLES, Right
from visitcare.org.throttling import in_minutes, wait_of


@admin.register(User)
class UserAdmin(ScopedAdmin):
    see = Right.SEE_ACCOUNTS
    add_right = Right.KEEP_WORKERS
    add_form = posting_doors.AccountForm
    add_words = "新建账号"
    list_display = ("name", "phone", "standing_words", "sign_in_state")
    list_filter = (
        RoleFilter,
        TownOfUser,
        VillageOfUser,
        SignInFilter,
    )
    search_hint = "姓名、完整手机号或用户名"
    ordering = ("name", "login")
    doors = (*sign_in_doors.DOORS, *posting_doors.DOORS)
    bulk_doors = sign_in_doors.BULK_DOORS

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        serving = Posting.objects.visible_to(request.user).in_force(today()).select_related("place")
        return rows.prefetch_related(Prefetch("postings", serving, to_attr="serving"))

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        try:
            return rows.filter(mobile_index=blind_index("mobile", parse_mobile(term)))
        except PaperError:
            return rows.filter(Q(name__icontains=term) | Q(login=term))

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, User]:
        with transaction.atomic():
            user = actions.add_user(
                by=request.user, name=said["name"], login=said["login"], mobile=said["mobile"]
            )
            posting = {name: said[name] for name in ("role", "place", "starts_on", "payable")}
            actions.appoint(by=request.user, user=user, **posting)
        doors = "“发初始密码”" + ("或“打印登录卡”" if said["role"] in FIELD_ROLES else "")
        return f"建好了{user.name}的账号。现在还不能登录：请点{doors}。", user

    @admin.display(description="手机号")
    def phone(self, user: User) -> str:
        return user.masked_mobile or "—"

    @admin.display(description="现在的任职")
    def standing_words(self, user: User) -> str:
        return format_html_join(
            "、",
            "{} {}",
            ((posting.place.path, posting.get_role_display()) for posting in user.serving),  # type: ignore[attr-defined]
        ) or badge("没有任职", "mind")

    @admin.display(description="登录")
    def sign_in_state(self, user: User) -> str:
        if not user.is_active:
            return badge("停用", "bad")
        if not user.has_usable_password():
            return badge("还没发密码", "mind")
        return badge("等本人改密码", "wait") if user.must_change_password else badge("正常", "ok")

    def badges(self, user: User) -> Iterable[str]:
        return [self.sign_in_state(user)]

    def sections(self, request: OfficeRequest, user: User) -> Iterable[Section]:
        rows = [
            ("用户名", user.login),
            ("手机号", user.masked_mobile or "—"),
            ("建立时间", user.joined_at.date()),
        ]
        if wait := wait_of(user):
            rows.append(("密码错了太多次", f"还要等 {in_minutes(wait)} 分钟才能再试。发初始密码，就不用等。"))
        yield Facts("", rows=rows)
        postings = Posting.objects.visible_to(request.user).filter(user=user).select_related("place")
        yield Table(
            "任职",
            heads=("地区", "角色", "起始日期", "结束日期", "计酬"),
            rows=[
                (p.place.path, p.get_role_display(), p.starts_on, p.ends_on or "—", "是" if p.payable else "")
                for p in postings.order_by("-starts_on")
            ],
        )
        if may_end_phones(request.user, user) and not user.is_staff:
            phones = user.phones.all()
            yield Table(
                "登录的手机",
                heads=("手机", "登录时间", "登录方式", "最近使用"),
                rows=[
                    (p.browser, moment(p.registered_at), p.get_how_display(), p.last_used_on) for p in phones
                ],
                empty="没有登录着的手机。",
                note=sign_in_doors.card_words(user),
            )
        cards = BankAccount.objects.visible_to(request.user).filter(user=user)
        if cards:
            yield Table(
                "银行卡",
                heads=("开户银行", "卡号", "起始日期"),
                rows=[(card.bank, mask_card(card.card), card.since) for card in cards],
            )
        if request.user.may(Right.READ_AUDIT):
            served = in_areas("place__code", request.user.areas_with(Right.READ_AUDIT))
            parts = [former(Posting, user=user).filter(served)]
            if cards:
                parts.append(former(BankAccount, user=user))
            yield from traces(request, user, *parts, events=Event.objects.visible_to(request.user))
