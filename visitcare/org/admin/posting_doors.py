"""The doors to accounts and their postings: a new account with its first posting, a posting begun and ended."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from visitcare.kit.admin import Door, DoorForm, OfficeRequest
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_mobile
from visitcare.kit.weeks import today
from visitcare.org import actions
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import ROLES, Right, Role, right_to_appoint


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


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


DOORS = (
    Door("appoint", "新增任职", Right.KEEP_WORKERS, _appoint, form=PostingForm, shown=_is_somebody_else),
    Door("end", "结束任职", Right.KEEP_WORKERS, _end_posting, form=EndPostingForm, shown=_has_open_posting),
)
