"""A town uploads its elders, looks at every row, confirms, corrects some, sees what changes, and takes it back."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.elders.importing.rows import Row, elder, other
from tests.factories import save_sheet
from visitcare.console.importing import KINDS
from visitcare.org.importing import batches, files, run_batch
from visitcare.org.models import ImportBatch, User


@pytest.fixture(autouse=True)
def in_threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a process of its own does, a thread does here: on the database of the test."""

    def work(key: object) -> None:
        try:
            run_batch(ImportBatch.objects.get(pk=key), KINDS)
        finally:
            connections.close_all()

    monkeypatch.setattr(files, "folder", lambda: tmp_path / "imports")
    monkeypatch.setattr(batches, "start_process", lambda batch: Thread(target=work, args=[batch.pk]).start())


def upload(desk: Page, tmp_path: Path, *rows: Row) -> None:
    desk.goto("/admin/org/importbatch/add/")
    desk.get_by_label("导入什么").select_option("elders")
    desk.get_by_label("表格文件（.xlsx）").set_input_files(save_sheet(tmp_path / "名单.xlsx", rows))
    desk.get_by_label("同时批准").check()
    desk.get_by_role("button", name="上传并检查").click()
    expect(desk.get_by_text("还没有导入")).to_be_visible(timeout=20_000)


def press(desk: Page, name: str) -> None:
    desk.locator("summary", has_text=name).click()
    desk.get_by_role("button", name=name).click()


def test_roster_is_looked_at_stored_corrected_and_taken_back(
    desk: Page, sign_in: Callable[[Page, User], None], cast: Cast, tmp_path: Path
) -> None:
    sign_in(desk, cast.head)
    upload(desk, tmp_path, elder(联系电话="19900000001"), other(**{"居住状况*": "独自"}))
    expect(desk.get_by_role("cell", name="陈桂兰")).to_be_visible()
    assert Elder.objects.count() == 0
    desk.locator("summary", has_text="确认导入").click()
    desk.get_by_label("跳过有问题的 1 行").check()
    desk.get_by_role("button", name="确认导入").click()
    expect(desk.get_by_text("已导入").first).to_be_visible(timeout=20_000)
    assert Elder.objects.get().status == "active"

    upload(desk, tmp_path, elder(联系电话="19900000002"))
    expect(desk.get_by_text("联系电话：199****0001 → 199****0002")).to_be_visible()
    press(desk, "确认导入")
    expect(desk.get_by_text("已导入").first).to_be_visible(timeout=20_000)
    assert Elder.objects.get().phone == "19900000002"

    press(desk, "撤销这次导入")
    expect(desk.get_by_text("已撤销").first).to_be_visible(timeout=20_000)
    assert Elder.objects.get().phone == "19900000001"
