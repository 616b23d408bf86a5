"""demo [--elders N] [--weeks N] [--seed N]: a county at work, made up, for looking around and for tests."""

import unicodedata
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from visitcare.console.demo import DemoRefused, accounts, load_demo
from visitcare.console.demo.staff import PASSWORD
from visitcare.org.importing import acting_user

TRY_FIRST = (
    "用 wangge 登录首页：本周该看望谁；记一次探访，看“我的记录”里为什么有的不计酬。",
    "用 zhenshenhe 登录 /admin/：有疑点的探访等着审核，有登记表等着看。",
    "用 zhenfuze：确认类别变化，批准登记。汇龙镇上月结算已考核上报，另两个镇还是草稿。",
    "用 shipizhun：批准或退回上月结算；前一个月已经冻结，改不动。",
    "用 xiaozhen：小镇一个人审核又考核；批准总在市里，经办和批准不会是同一个人。",
)


def _count(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"请填 {low} 到 {high} 的整数，这里是“{text}”")
        return int(text)

    return read


class Command(BaseCommand):
    help = (
        "Load a demo county: Qidong's real divisions, made-up people, visits up to yesterday. Into a database without "
        "elders only; run again, it changes nothing and prints the accounts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--elders", type=_count(50, 20_000), default=2_000, help="how many (default 2000)"
        )
        parser.add_argument(
            "--weeks", type=_count(1, 26), default=9, help="of visits before this week (default 9)"
        )
        parser.add_argument(
            "--seed", type=int, default=12, help="the same seed on the same day: the same county"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            is_new = load_demo(
                by=acting_user(None),
                elders=options["elders"],
                weeks=options["weeks"],
                seed=options["seed"],
                tell=self.stdout.write,
            )
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if not is_new:
            self.stdout.write("演示县已经在了，没有改动。")
        self._tell_accounts()

    def _tell_accounts(self) -> None:
        rows = [(one.login, one.mobile, one.name, one.role, one.place) for one in accounts()]
        self.stdout.write(f"\n演示账号（密码都是 {PASSWORD}，用户名或手机号都能登录）：\n")
        for line in _table([("用户名", "手机号", "姓名", "角色", "地区"), *rows]):
            self.stdout.write(line)
        self.stdout.write("\n先试什么：")
        for number, words in enumerate(TRY_FIRST, 1):
            self.stdout.write(f"{number}. {words}")


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
