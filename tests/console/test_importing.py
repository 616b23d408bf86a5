"""The pages of an import, as an office sees them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.importing.rows import elder, other
from tests.org.test_importing_batches import (  # noqa: F401 (fixtures)
    confirm,
    judged,
    long_ago,
    started,
    upload,
)
from visitcare.audit.models import Event
from visitcare.kit.admin import page_url, rows_url
from visitcare.org.importing import undo_batch
from visitcare.org.models import ImportBatch

pytestmark = pytest.mark.django_db(transaction=True)


def test_result_leaves_with_a_reason_and_the_page_tells_who_did_what(
    judged: Callable[..., ImportBatch],  # noqa: F811
    cast: Cast,
) -> None:
    batch, desk = judged(elder()), Desk(cast.reviewer)
    assert desk.press(batch, "verdicts") == ["请填“原因”。"]
    assert Event.objects.filter(verb="export_verdicts").count() == 0
    address = page_url(batch).removesuffix("change/") + "verdicts/"
    assert desk.client.post(address, {"reason": "和村里核对"})["Content-Disposition"].startswith("attachment")
    assert Event.objects.get(verb="export_verdicts").reason == "和村里核对"
    desk.press(batch, "abandon")
    page = desk.page(batch)
    for words in ("上传老人（和家庭成员）表格", "下载导入结果", "和村里核对", "放弃导入"):
        assert words in page, words


def test_lists_do_not_load_the_keys_of_all_new_rows(
    judged: Callable[..., ImportBatch],  # noqa: F811
    cast: Cast,
) -> None:
    batch, desk = confirm(judged(elder(), other())), Desk(cast.head)
    for address in (
        rows_url("org.importbatch"),
        rows_url("org.importverdict"),
        rows_url("org.importverdict", batch=batch.pk),
        page_url(batch),
    ):
        with CaptureQueriesContext(connection) as asked:
            desk.open(address)
        assert [query["sql"] for query in asked if '"made"' in query["sql"]] == []


def test_warned_rows_are_counted_with_what_becomes_of_them(
    judged: Callable[..., ImportBatch],  # noqa: F811
    cast: Cast,
) -> None:
    batch = judged(elder(性别="男"), other())
    assert batch.counts == {"new": 2, "warned_new": 1}
    desk = Desk(cast.head)
    assert "新增 2 行（其中提醒 1 行）" in desk.open(rows_url("org.importbatch")).content.decode()
    page = strip_tags(desk.page(batch))
    assert "1 行，另有 1 行有提醒" in page
    assert len(desk.listed("org.importverdict", batch=batch.pk, outcome="warning")) == 1


def test_undoing_that_died_offers_to_start_again_or_to_leave_it(
    judged: Callable[..., ImportBatch],  # noqa: F811
    cast: Cast,
) -> None:
    batch, desk = confirm(judged(elder())), Desk(cast.head)
    undo_batch(by=cast.head, batch=batch)
    assert desk.doors(batch) == ["verdicts"]
    with long_ago(batch):
        assert desk.doors(batch) == ["start_again", "verdicts", "stop_undoing"]
        assert "撤销停在半路" in desk.page(batch)
        desk.press(batch, "stop_undoing")
    batch.refresh_from_db()
    assert (batch.state, Elder.objects.count()) == ("stored", 1)


def test_page_that_looks_again_by_itself_holds_no_form_to_fill_in(
    upload: Callable[..., ImportBatch],  # noqa: F811
    cast: Cast,
) -> None:
    page = Desk(cast.head).page(upload(elder()))
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "什么都不会导入" not in page  # on a page of its own
