"""The doors by which others sign in, and no longer do: first passwords, login cards, phones."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join

from visitcare.kit.admin import BulkDoor, Door, DoorForm, OfficeRequest, moment, page_url, shown_once
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
from visitcare.org.models import LoginCard, User
from visitcare.org.roles import Right

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


def card_words(user: User) -> str:
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


def _may_issue(request: OfficeRequest, user: User) -> bool:
    return actions.may_issue_password(request.user, user)


DOORS = (
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
)

BULK_DOORS = (
    BulkDoor(
        "print_cards",
        "打印登录卡",
        Right.PRINT_CARD,
        _print_cards,
        words="给选中的探访人员一人一张，A4 纸一张印四张。没用的旧卡马上作废；不能打印的人会列出来。",
    ),
)
