"""地区 and 人员账号: read-only, but for the doors to accounts, postings and first passwords."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join

from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.audit.models import Event
from visitcare.kit.admin import (
    BulkDoor,
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    link,
    moment,
    page_url,
    shown_once,
)
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_mobile
from visitcare.kit.masking import mask_card
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org import actions
from visitcare.org.card_views import cards_on_paper
from visitcare.org.cards import (
    LASTS,
    end_all_phones,
    end_phone,
    may_end_phones,
    may_print_card,
    people_with_postings,
    print_cards,
)
from visitcare.org.filters import places
from visitcare.org.models import BankAccount, Division, LoginCard, Phone, Posting, User
from visitcare.org.roles import FIELD_ROLES, ROLES, Right, Role, right_to_appoint
from visitcare.org.throttling import in_minutes, wait_of

YES_NO = (("1", "是"), ("0", "否"))


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


# Divisions


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


# Accounts


class RoleFilter(Choice):
    title = "角色"
    parameter_name = "role"

    def options(self, request: OfficeRequest) -> list[tuple[str, str]]:
        return list(Role.choices)

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        serving = Posting.objects.visible_to(self.request.user).in_force(today()).filter(role=value)
        return rows.filter(pk__in=serving.values("user"))


class SignInFilter(Choice):
    """Who can sign in already: an account without a password is of no use to anybody."""

    title = "登录"
    parameter_name = "sign_in"

    def options(self, request: OfficeRequest) -> list[tuple[str, str]]:
        return [("none", "还没发初始密码"), ("first", "等本人改密码"), ("off", "停用")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "off":
            return rows.filter(is_active=False)
        if value == "none":
            return without_password(rows)
        return rows.filter(is_active=True, must_change_password=True).exclude(
            password__startswith=UNUSABLE_PASSWORD_PREFIX
        )


def without_password(users: QuerySet) -> QuerySet:
    """Accounts that nobody can sign in to yet, by password or by card."""
    by_card = Q(pk__in=Phone.objects.values("user")) | Q(pk__in=LoginCard.objects.values("user"))
    return users.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).exclude(by_card)


class PlaceOfUser:
    """Narrowing by the places of postings in force, as a condition on keys (a user may have several)."""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        serving = Posting.objects.visible_to(self.request.user).in_force(today())  # type: ignore[attr-defined]
        return rows.filter(pk__in=serving.filter(place__code__startswith=value).values("user"))


TownOfUser, VillageOfUser = (type(base.__name__, (PlaceOfUser, base), {}) for base in places("place"))


class PostingForm(DoorForm):
    """Which role, where, from when."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选")])
    place = forms.CharField(
        label="地区",
        max_length=60,
        help_text="写全称，例如“汇龙镇”“汇龙镇某某村”“汇龙镇某某村3组”，或者写区划代码。",
    )
    starts_on = day_field("起始日期", initial=today)
    payable = forms.BooleanField(
        label="计酬", required=False, help_text="只有网格员（村民小组长）按次发补贴。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        mine = [role for role in Role if self.request.user.may(right_to_appoint(role))]
        role.choices = [("", "请选"), *((role, f"{role.label}：{ROLES[role].sentence}") for role in mine)]

    def clean_place(self) -> Division:
        return find_place(self.request, self.cleaned_data["place"])


def find_place(request: OfficeRequest, text: str) -> Division:
    """The division somebody means by its full name, its code, or a name that only one has."""
    text = "".join(text.split())
    seen = Division.objects.visible_to(request.user).filter(active=True)
    found = list(seen.filter(Q(code=text) | Q(path=text))) or list(seen.filter(name=text)[:3])
    if len(found) == 1:
        return found[0]
    if found:
        raise forms.ValidationError(f"有好几个“{text}”，请写全称，例如“{found[0].path}”。")
    raise forms.ValidationError(f"没有找到“{text}”。请写全称（先写镇，再写村、组），或者写区划代码。")


class AccountForm(PostingForm):
    """A new account with its first posting: without one nobody could see it."""

    name = forms.CharField(label="姓名", max_length=60)
    mobile = forms.CharField(
        label="手机号", required=False, help_text="用来登录。没有手机的，填下面的用户名。"
    )
    login = forms.RegexField(
        r"^[a-z][a-z0-9_.]{2,39}$",
        label="用户名",
        required=False,
        help_text="小写字母开头，3 到 40 位，可以有数字。有手机号的可以不填。",
        error_messages={"invalid": "用户名要用小写字母开头，3 到 40 位，只能有小写字母、数字、点和下划线。"},
    )
    field_order = ("name", "mobile", "login", "role", "place", "starts_on", "payable")

    def clean_mobile(self) -> str:
        typed = self.cleaned_data["mobile"]
        if not typed:
            return ""
        try:
            mobile = parse_mobile(typed)
        except PaperError as error:
            raise forms.ValidationError(str(error)) from error
        owner = User.objects.filter(mobile_index=blind_index("mobile", mobile)).first()
        if owner is None:
            return mobile
        seen: Any = User.objects
        if seen.visible_to(self.request.user).filter(pk=owner.pk).exists():
            raise forms.ValidationError(
                "这个手机号已经有账号了。请先在人员账号里用手机号查找，给那个账号加任职。"
            )
        raise forms.ValidationError("这个手机号在别的地区已经有账号了。请找系统管理员，给那个账号加任职。")

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        if login and User.objects.filter(login=login).exists():
            raise forms.ValidationError("这个用户名已经有人用了。请换一个。")
        return login

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not said["mobile"] and not said["login"]:
            raise forms.ValidationError("手机号和用户名至少填一个，不然没法登录。")
        return said


class EndPostingForm(DoorForm):
    posting = forms.ModelChoiceField(label="哪一个任职", queryset=Posting.objects.none(), empty_label="请选")
    last_day = day_field("最后一天", initial=today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["posting"]
        field.queryset = _open_postings(self.request, self.obj).select_related("place", "user")
        field.label_from_instance = lambda p: f"{p.place.path} {p.get_role_display()}（{p.starts_on} 起）"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        posting, last_day = said.get("posting"), said.get("last_day")
        if posting and last_day and last_day < posting.starts_on:
            self.add_error("last_day", f"最后一天不能早于起始日期 {posting.starts_on}。")
        return said


def _open_postings(request: OfficeRequest, user: User) -> QuerySet:
    """The postings of an account that this person may end."""
    mine = [role for role in Role if request.user.may(right_to_appoint(role))]
    return Posting.objects.visible_to(request.user).filter(
        Q(ends_on=None) | Q(ends_on__gte=today()), user=user, role__in=mine
    )


ALL_PHONES = "all"
MOST_CARDS = 200
"""Cards that one page can hold without making a browser slow: fifty sheets of paper."""


class EndPhoneForm(DoorForm):
    phone = forms.ChoiceField(label="哪一部")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone: Any = self.fields["phone"]
        phone.choices = [
            ("", "请选"),
            *((str(one.pk), str(one)) for one in self.obj.phones.all()),
            (ALL_PHONES, "全部手机，没用的登录卡也作废"),
        ]


def _end_phones(request: OfficeRequest, user: User, said: dict[str, Any]) -> str:
    if said["phone"] == ALL_PHONES:
        ended = end_all_phones(by=request.user, user=user)
        return f"退出了{user.name}的 {ended} 部手机，没用的登录卡也作废了。再点一下就要重新登录。"
    end_phone(by=request.user, phone=user.phones.get(pk=said["phone"]))
    return f"退出了{user.name}的这部手机，再点一下就要重新登录。"


def _has_phones(request: OfficeRequest, user: User) -> bool:
    return may_end_phones(request.user, user) and (
        user.phones.exists() or LoginCard.objects.filter(user=user).exists()
    )


def _card_words(user: User) -> str:
    """Of a card that still signs in; nothing where there is none."""
    fresh = LoginCard.objects.filter(user=user, printed_at__gt=timezone.now() - LASTS)
    return format_html_join(
        "",
        "登录卡：{}在 {} 打印，还没用，{} 作废。",
        (
            (card.printed_by.name, moment(card.printed_at), moment(card.printed_at + LASTS))
            for card in fresh.select_related("printed_by")
        ),
    )


def _print_card(request: OfficeRequest, user: User, said: dict[str, Any]) -> HttpResponse:
    return cards_on_paper(request, print_cards(by=request.user, users=[user]), back=page_url(user))


def _may_print(request: OfficeRequest, user: User) -> bool:
    return may_print_card(request.user, user)


def _print_cards(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> HttpResponse:
    """A card for everybody who may have one; who may not is named beside."""
    count = rows.count()
    if count > MOST_CARDS:
        raise ValueError(f"一次最多打印 {MOST_CARDS} 张，这里有 {count} 个人。请按村筛选，分几次打印。")
    people = list(people_with_postings(rows).order_by("name"))
    holders = [user for user in people if may_print_card(request.user, user)]
    if not holders:
        raise ValueError("选中的人都不能打印登录卡：登录卡只给本地区现在任职的探访人员。")
    printed = print_cards(by=request.user, users=holders)
    left_out = [user.name for user in people if user not in holders]
    return cards_on_paper(request, printed, back=request.get_full_path(), left_out=left_out)


def _issue_password(request: OfficeRequest, user: User, said: dict[str, Any]) -> HttpResponse:
    password = actions.issue_first_password(by=request.user, user=user)
    return shown_once(
        request,
        heading=f"{user.name}的初始密码",
        note="只显示这一次，请现在抄给本人。本人第一次登录时要改成自己的密码；原来的登录已经全部退出。",
        rows=[("登录用", user.mobile or user.login), ("初始密码", password)],
        back=page_url(user),
    )


def _appoint(request: OfficeRequest, user: User, said: dict[str, Any]) -> str:
    posting = actions.appoint(by=request.user, user=user, **said)
    return f"登记好了：{posting.user.name}自 {posting.starts_on} 起任{posting.place.path}{posting.get_role_display()}。"


def _end_posting(request: OfficeRequest, user: User, said: dict[str, Any]) -> str:
    actions.end_posting(by=request.user, posting=said["posting"], last_day=said["last_day"])
    return f"{user.name}的{said['posting'].place.path}任职到 {said['last_day']} 为止。"


def _is_somebody_else(request: OfficeRequest, user: User) -> bool:
    return bool(request.user.pk != user.pk)


def _has_open_posting(request: OfficeRequest, user: User) -> bool:
    return _is_somebody_else(request, user) and bool(_open_postings(request, user))


def _may_issue(request: OfficeRequest, user: User) -> bool:
    return actions.may_issue_password(request.user, user)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    see = Right.SEE_ACCOUNTS
    add_right = Right.KEEP_WORKERS
    add_form = AccountForm
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
    doors = (
        Door(
            "password",
            "发初始密码",
            Right.ISSUE_PASSWORD,
            _issue_password,
            shown=_may_issue,
            words="会生成一个新的初始密码，原来的密码和登录马上作废。密码只显示一次，请准备好抄给本人。",
        ),
        Door(
            "card",
            "打印登录卡",
            Right.PRINT_CARD,
            _print_card,
            shown=_may_print,
            words="给用不来密码的人：微信扫一扫，点一下就登录。只能用一次，7 天里用；没用的旧卡马上作废。请准备好打印机，当面交给本人。",
        ),
        Door(
            "phones",
            "退出手机",
            Right.KEEP_WORKERS,
            _end_phones,
            form=EndPhoneForm,
            shown=_has_phones,
            words="手机丢了、换了人，在这里退出：那部手机再点一下，就要重新登录。没发出去的记录留在手机里，本人登录后再发。",
        ),
        Door("appoint", "新增任职", Right.KEEP_WORKERS, _appoint, form=PostingForm, shown=_is_somebody_else),
        Door(
            "end", "结束任职", Right.KEEP_WORKERS, _end_posting, form=EndPostingForm, shown=_has_open_posting
        ),
    )

    bulk_doors = (
        BulkDoor(
            "print_cards",
            "打印登录卡",
            Right.PRINT_CARD,
            _print_cards,
            words="给选中的探访人员一人一张，A4 纸一张印四张。没用的旧卡马上作废；不能打印的人会列出来。",
        ),
    )

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
                note=_card_words(user),
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
