import getpass
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from elders.models import Assessment
from subsidies.models import Line, Settlement
from tests.cast import COUNTY, OTHER_TOWN, TOWN, Cast
from tests.factories import draft, make_elder, make_visit, moment, read_rows, run
from visitcare.audit.models import Event
from visitcare.console.downloads import XLSX
from visitcare.console.exporting import ExportError, export_sheet
from visitcare.kit.weeks import Month
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visits.models import Obligation, PlannedVisit, Visit

MARCH = Month(date(2025, 3, 1))
MAY_EXPORT = {"reviewer", "head", "officer", "approver", "second_approver"}
"""Who may take a sheet of 滨江镇 out of the system."""


@pytest.fixture
def settled(cast: Cast) -> Settlement:
    """March of both towns, each with a paid visit."""
    make_visit(cast.worker, make_elder(cast.group), state="valid")
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    draft(cast.other_town)
    return draft(cast.town)


def export(by: User, out: Any, *towns: Division, kind: str = "roster", reason: str = "发放三月补贴") -> str:
    return export_sheet(by=by, kind=kind, month=MARCH, towns=towns, reason=reason, out=out)


@contextmanager
def refused(*errors: type[Exception], words: str, folder: Path) -> Iterator[None]:
    """Insist on these words, and that neither a file nor an event is left."""
    before = sorted(folder.iterdir()), Event.objects.count()
    with pytest.raises(errors) as caught:
        yield
    assert (str(caught.value), (sorted(folder.iterdir()), Event.objects.count())) == (words, before)


# Whoever takes a sheet out


@pytest.mark.parametrize(
    ("kind", "title"),
    [("roster", "补贴发放花名册"), ("summary", "补贴资金汇总表"), ("classes", "老年人分类台账")],
)
def test_every_export_leaves_who_what_why_and_its_hash(
    cast: Cast, settled: Settlement, tmp_path: Path, kind: str, title: str
) -> None:
    out = tmp_path / "out.xlsx"
    digest = export(cast.reviewer, out, cast.town, kind=kind)
    event = Event.objects.get(verb="export_sheet")
    assert (event.actor_id, event.actor_name, event.words, event.reason, event.area_code) == (
        cast.reviewer.pk, "顾敏", f"导出2025年3月{title}（滨江镇）", "发放三月补贴", TOWN
    )  # fmt: skip
    assert event.data == {"sheet": kind, "month": "2025-03", "towns": [TOWN], "sha256": digest}
    assert digest == hashlib.sha256(out.read_bytes()).hexdigest()


def test_export_of_several_towns_names_them_and_lies_in_neither(cast: Cast, settled: Settlement) -> None:
    out = BytesIO()
    export(cast.officer, out, cast.town, cast.other_town)
    event = Event.objects.get(verb="export_sheet")
    assert (event.words, event.data["towns"]) == (
        "导出2025年3月补贴发放花名册（滨江镇、海晏镇）", [TOWN, OTHER_TOWN]
    )  # fmt: skip
    assert event.area_code in ("", COUNTY)
    assert event.data["sha256"] == hashlib.sha256(out.getvalue()).hexdigest()


@pytest.mark.parametrize("reason", ["", " 　\n"])
def test_export_without_a_reason_is_refused(
    cast: Cast, settled: Settlement, tmp_path: Path, reason: str
) -> None:
    with refused(ExportError, words="导出个人信息要写明用途。", folder=tmp_path):
        export(cast.head, tmp_path / "out.xlsx", cast.town, reason=reason)


def test_export_is_for_who_holds_the_right_in_the_town(
    cast: Cast, settled: Settlement, tmp_path: Path
) -> None:
    everybody = {name: one for name, one in cast.everybody().items() if isinstance(one, User)}
    allowed = set()
    for name, user in everybody.items():
        try:
            export(user, tmp_path / f"{name}.xlsx", cast.town)
            allowed.add(name)
        except NotAllowed:
            continue
    events = Event.objects.filter(verb="export_sheet").values_list("actor_id", flat=True)
    assert (allowed, {file.stem for file in tmp_path.iterdir()}) == (MAY_EXPORT, MAY_EXPORT)
    assert set(events) == {everybody[name].pk for name in MAY_EXPORT}


def test_export_with_a_foreign_town_is_refused_whole(cast: Cast, settled: Settlement, tmp_path: Path) -> None:
    words = "您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。"
    with refused(NotAllowed, words=words, folder=tmp_path):
        export(cast.head, tmp_path / "out.xlsx", cast.town, cast.other_town)


# The command


def test_command_writes_a_worksheet_a_town_for_the_owner_alone(settled: Settlement, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    said = run("export_sheet", "roster", "--month", "2025-03", "--out", out)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert said == f"已导出补贴发放花名册到 {out}（SHA-256 {digest}）\n"
    assert load_workbook(out).sheetnames == ["滨江镇", "海晏镇"]
    assert oct(out.stat().st_mode & 0o777) == "0o600"


def test_command_is_recorded_with_whoever_sits_there(settled: Settlement, tmp_path: Path) -> None:
    said = ("export_sheet", "summary", "--month", "2025-03", "--out", tmp_path / "out.xlsx")
    run(*said)
    run(*said, "--town", OTHER_TOWN, "--reason", "年终审计")
    events = Event.objects.filter(verb="export_sheet").order_by("at")
    assert list(events.values_list("actor_name", "reason", "data__towns")) == [
        (f"系统（{getpass.getuser()}）", "命令行", [TOWN, OTHER_TOWN]), (f"系统（{getpass.getuser()}）", "年终审计", [OTHER_TOWN])
    ]  # fmt: skip
    assert [row[1] for row in read_rows(tmp_path / "out.xlsx")[3:-2]] == ["海晏镇", "合计"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["roster", "--month", "2025-02"], "2025年2月还没有结算。请先运行结算，再导出。"),
        (["classes", "--month", "2024-12"], "2024年12月没有可以导出的老年人分类台账。请检查月份和镇。"),
        (["roster", "--month", "2025-3"], "“2025-3”不是月份，请写成“年-月”，例如 2026-10"),
        (
            ["roster", "--month", "2025-03", "--town", "320699109"],
            "没有代码是 320699109 的镇。请填 9 位代码。",
        ),
        (["roster", "--month", "2025-03", "--town", COUNTY], "没有代码是 320699 的镇。请填 9 位代码。"),
        (["roster", "--month", "2025-03", "--reason", " "], "导出个人信息要写明用途。"),
    ],
)
def test_command_with_a_bad_argument_is_refused(
    settled: Settlement, tmp_path: Path, arguments: list[str], words: str
) -> None:
    with refused(CommandError, words=words, folder=tmp_path):
        run("export_sheet", *arguments, "--out", tmp_path / "out.xlsx")


@pytest.mark.parametrize("name", ["out.xls", "out", "nowhere/out.xlsx"])
def test_command_with_a_bad_path_is_refused(settled: Settlement, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    words = f"写不到 {out}：请给一个已有文件夹里的 .xlsx 文件名。"
    with refused(CommandError, words=words, folder=tmp_path):
        run("export_sheet", "roster", "--month", "2025-03", "--out", out)


def test_command_that_fails_at_the_end_leaves_nothing_half_written(
    settled: Settlement, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    out.mkdir()
    with refused(CommandError, words=f"写不到 {out}：Is a directory。", folder=tmp_path):
        run("export_sheet", "roster", "--month", "2025-03", "--out", out)


def test_command_that_fails_in_a_later_town_leaves_the_old_file(settled: Settlement, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run("export_sheet", "roster", "--month", "2025-03", "--out", out)
    before = out.read_bytes()
    Line.objects.filter(settlement__town=OTHER_TOWN).update(amount=Decimal("7.00"))
    words = "海晏镇 2025年3月对不上：龚国平逐次合计 3.50 元，明细 7.00 元。请重新结算（已经上报的，先由市里退回）；再不对请联系系统管理员。"
    with refused(CommandError, words=words, folder=tmp_path):
        run("export_sheet", "roster", "--month", "2025-03", "--out", out)
    assert out.read_bytes() == before


# The admin's door


def door(settlement: Settlement, who: Any, **said: str) -> HttpResponse:
    client = Client()
    if isinstance(who, User):
        client.force_login(who)
    return client.post(reverse("admin:subsidies_settlement_export", args=[settlement.pk]), said)


def test_door_gives_a_file_to_who_may_and_to_nobody_else(cast: Cast, settled: Settlement) -> None:
    answers = {
        name: door(settled, one, kind="roster", reason="发放三月补贴")
        for name, one in cast.everybody().items()
    }
    files = {name: answer for name, answer in answers.items() if answer["Content-Type"] == XLSX}
    assert (set(files), {answer.status_code for answer in files.values()}) == (MAY_EXPORT, {200})
    others = {answer.status_code for name, answer in answers.items() if name not in MAY_EXPORT}
    assert others == {302, 403}  # to the sign-in or back to the list; or right away
    assert Event.objects.filter(verb="export_sheet").count() == len(MAY_EXPORT)


def test_door_gives_the_sheet_that_was_asked_for_of_this_town(cast: Cast, settled: Settlement) -> None:
    answer = door(settled, cast.head, kind="summary", reason="核对资金")
    assert quote("滨江镇2025年3月补贴资金汇总表.xlsx") in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "no-store" in answer["Cache-Control"]
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert [row[1] for row in sheet.iter_rows(min_row=4, values_only=True)][:2] == ["滨江镇", "合计"]
    event = Event.objects.get(verb="export_sheet")
    assert (event.actor_id, event.reason, event.data["sha256"]) == (
        cast.head.pk, "核对资金", hashlib.sha256(answer.content).hexdigest()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "roster", "reason": " "}, "请填“用途”。"),
        ({"kind": "bank", "reason": "核对"}, "bank 不在可用的选项中"),
    ],
)
def test_door_asks_again_when_something_is_missing(
    cast: Cast, settled: Settlement, said: dict[str, str], words: str
) -> None:
    answer = door(settled, cast.head, **said)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert words in answer.content.decode()
    assert Event.objects.filter(verb="export_sheet").count() == 0


def test_door_says_in_words_why_there_is_no_file(cast: Cast, settled: Settlement) -> None:
    Line.objects.update(amount=Decimal("7.00"))
    answer = door(settled, cast.head, kind="roster", reason="核对")
    assert "逐次合计 3.50 元，明细 7.00 元。" in answer.content.decode()
    assert Event.objects.filter(verb="export_sheet").count() == 0


@pytest.mark.parametrize(("who", "offered"), [("reviewer", True), ("officer", True), ("auditor", False)])
def test_door_is_offered_to_who_may(cast: Cast, settled: Settlement, who: str, offered: bool) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    page = client.get(reverse("admin:subsidies_settlement_change", args=[settled.pk]))
    assert (page.status_code, "下载 Excel" in page.content.decode()) == (200, offered)


# nightly


SUNDAY = moment("2025-03-09 22:00")


def rows() -> list[Any]:
    """Everything that nightly writes."""
    return [list(model.objects.order_by("pk").values()) for model in (Obligation, PlannedVisit, Visit)] + [
        list(Event.objects.order_by("pk").values_list("pk"))
    ]


@pytest.fixture
def county(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Sunday evening: an elder whose new assessment makes them A, and a visit of more than a day ago."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: SUNDAY)
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    Assessment.objects.create(elder=elder, assessed_on=date(2025, 3, 6), level="mild")
    make_visit(cast.worker, elder, at="2025-03-08 09:00", received_at=moment("2025-03-08 22:00"))


def test_nightly_on_a_sunday_does_all_that_is_due(county: None) -> None:
    assert run("nightly").splitlines() == [
        "暂停到期：0 人", "迁移到期：0 人",
        "分类：1 人有变化", "排摸名单：增加 0 人", "2025-W10 周：新增任务 1 人", "2025-W11 周：新增任务 1 人", "手机发来、还没处理的：0 条",
        "自动通过探访：1 条", "没联系上，报给镇里：0 人", "已关闭的周重新核算：0 人有变化",
        "到期的照片：删除 0 张", "没人确认的上传：删除 0 批",
    ]  # fmt: skip
    weeks = Obligation.objects.order_by("monday").values_list("monday", "risk_class")
    assert list(weeks) == [(date(2025, 3, 3), "C"), (date(2025, 3, 10), "A")]
    assert list(Visit.objects.values_list("state", flat=True)) == ["valid"]


def test_nightly_twice_does_nothing_the_second_time(county: None) -> None:
    run("nightly")
    before = rows()
    assert run("nightly").splitlines() == [
        "暂停到期：0 人", "迁移到期：0 人",
        "分类：0 人有变化", "排摸名单：增加 0 人", "2025-W10 周：新增任务 0 人", "2025-W11 周：新增任务 0 人", "手机发来、还没处理的：0 条",
        "自动通过探访：0 条", "没联系上，报给镇里：0 人", "已关闭的周重新核算：0 人有变化",
        "到期的照片：删除 0 张", "没人确认的上传：删除 0 批",
    ]  # fmt: skip
    assert rows() == before


def test_nightly_on_another_day_opens_this_week_only(county: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2025-03-08 23:59"))
    assert [line for line in run("nightly").splitlines() if "周：" in line] == ["2025-W10 周：新增任务 1 人"]


def test_command_that_cannot_be_recorded_leaves_no_file(settled: Settlement, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    with pytest.raises(CommandError):
        run("export_sheet", "roster", "--month", "2025-03", "--out", out, "--reason", "\udcff")
    assert (list(tmp_path.iterdir()), Event.objects.filter(verb="export_sheet").count()) == ([], 0)
