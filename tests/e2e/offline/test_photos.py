"""Photographs and positions on a worker's phone: small, after their record, and in nobody's way."""

import io
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Error, Page, Route, expect
from rest_framework.response import Response

from elders.models import Elder
from tests.browser import PHONE
from tests.cast import Cast
from tests.e2e.pocket import Pocket
from visitcare.org.models import User
from visits.api.photos import PhotoView
from visits.models import Photo, Visit

pytestmark = pytest.mark.bad_signal
SignIn = Callable[[Page, User], None]
PHOTOS = "**/api/v1/visits/*/photos/*/"
KEPT = "照片存进手机了，记录发出去以后再发。"


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """What a phone's camera writes: large, lying on its side, with the place and the phone in it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "MAKER"
    exif.get_ifd(0x8825)[2] = (31.0, 48.0, 0.0)
    grain = Image.frombytes("RGB", (60, 45), os.urandom(60 * 45 * 3))
    file = tmp_path / "IMG_0001.jpg"
    grain.resize((3000, 2250)).save(file, exif=exif, quality=90)
    assert b"MAKER" in file.read_bytes()
    return file


def choose(pocket: Pocket, photo: Path, name: str = "黄玉珍") -> None:
    pocket.open_record(name)
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_text("照片、位置（可以不加）").click()
    pocket.page.locator("input[type=file]").set_input_files(photo)
    expect(pocket.page.get_by_text(KEPT)).to_be_visible()


def save(pocket: Pocket) -> None:
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_role("heading", name="本周探访")).to_be_visible()


def photos_on(pocket: Pocket) -> list[Any]:
    return list(pocket.dump()[f"visitcare-{pocket.person.pk}/photos"])


def sent_all(pocket: Pocket) -> bool:
    """Whether no photograph is left on the phone. (A page that has sent all comes again, and cannot be asked then.)"""
    with suppress(Error):
        return not photos_on(pocket)
    return False


def test_photograph_taken_without_a_signal_goes_out_after_its_record(pocket: Pocket, camera: Path) -> None:
    """Small, upright, and without what the camera wrote beside it: that never leaves the phone."""
    sent: list[tuple[str, bytes]] = []
    pocket.page.on(
        "request",
        lambda request: sent.append((request.method, request.post_data_buffer or b"")) if "/api/v1/" in request.url and request.method != "GET" else None,
    )  # fmt: skip
    pocket.lose_the_signal()
    pocket.page.goto("/")
    choose(pocket, camera)
    save(pocket)
    pocket.waits(1)
    assert (len(photos_on(pocket)), Photo.objects.count()) == (1, 0)
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    pocket.until(lambda: sent_all(pocket))
    photo = Photo.objects.with_content().get()
    assert (photo.visit, (photo.width, photo.height)) == (Visit.objects.get(), (1200, 1600))
    (first, _), *later = sent
    assert (first, {method for method, _ in later}) == (
        "POST",
        {"PUT"},
    )  # once more, where the page came again
    for _, leaving in later:
        assert 0 < len(leaving) <= 300 * 1024
        assert not any(word in leaving for word in (b"MAKER", b"Exif"))
    assert dict(Image.open(io.BytesIO(photo.content)).getexif()) == {}


def test_tab_killed_in_mid_photograph_sends_it_once(pocket: Pocket, camera: Path) -> None:
    asked, over = Event(), Event()

    def hanging(*_: Any, **__: Any) -> Response:
        asked.set()
        over.wait(20)
        return Response(status=503)

    with (
        pytest.MonkeyPatch.context() as server
    ):  # itself: a page that goes takes its request past any interception
        server.setattr(PhotoView, "put", hanging)
        choose(pocket, camera)
        pocket.page.get_by_role("button", name="一切正常").click()
        pocket.until(asked.is_set)
        pocket.page.close()
        over.set()
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 0)
    again = Pocket(pocket.page.context.new_page(), pocket.person)
    again.page.goto("/")
    again.until(lambda: Photo.objects.exists())
    again.until(lambda: sent_all(again))
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 1)


def test_answer_that_is_lost_stores_one_photograph(pocket: Pocket, camera: Path) -> None:
    def losing(route: Route) -> None:
        route.fetch()
        route.abort()

    pocket.page.context.route(PHOTOS, losing, times=1)
    choose(pocket, camera)
    save(pocket)
    pocket.until(lambda: sent_all(pocket))
    assert Photo.objects.count() == 1


def test_photograph_that_is_refused_holds_up_no_record(pocket: Pocket, camera: Path, elder: Elder) -> None:
    said = {"status": 415, "title": "照片没有收", "detail": "这不是照片，或者格式不认识。"}
    pocket.page.context.route(
        PHOTOS, lambda route: route.fulfill(status=415, json=said, content_type="application/problem+json")
    )
    choose(pocket, camera)
    save(pocket)
    expect(pocket.page.get_by_text("记好了：黄玉珍，上门，一切正常。")).to_be_visible()
    pocket.until(lambda: sent_all(pocket))
    pocket.open(f"/record/{elder.household_id}/?mode=phone")
    save(pocket)
    pocket.until(lambda: Visit.objects.count() == 2)
    pocket.page.goto("/mine/")
    row = pocket.page.locator("li[data-item]", has_text="照片没有收：这不是照片，或者格式不认识。")
    expect(row).to_be_visible()
    row.get_by_role("button", name="知道了").click()
    expect(row).to_have_count(0)


def test_photograph_of_a_page_that_died_goes_on_with_its_draft(
    pocket: Pocket, camera: Path, elder: Elder
) -> None:
    choose(pocket, camera)
    pocket.page.reload()
    expect(pocket.page.get_by_text("照片还在手机里，会跟着这条一起发。")).to_be_attached()
    save(pocket)
    pocket.until(lambda: Photo.objects.exists())
    pocket.open(f"/record/{elder.household_id}/")
    expect(pocket.page.get_by_text("照片还在手机里，会跟着这条一起发。")).to_have_count(0)


def test_photograph_of_a_record_taken_back_is_never_sent(pocket: Pocket, camera: Path) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    choose(pocket, camera)
    save(pocket)
    pocket.page.goto("/mine/")
    pocket.take_back()
    pocket.find_a_signal()
    pocket.open("/")
    pocket.until(lambda: sent_all(pocket))
    assert (Visit.objects.count(), Photo.objects.count()) == (0, 0)


def test_photograph_stands_at_the_end_of_the_second_step_too(pocket: Pocket, camera: Path) -> None:
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="有情况，我来说").click()
    pocket.page.get_by_text("房子、水电、煤气").click()
    pocket.page.locator("label.pick", has_text="煤气").click()
    pocket.page.locator("input[type=file]").set_input_files(camera)
    expect(pocket.page.get_by_text(KEPT)).to_be_visible()
    pocket.page.get_by_role("button", name="保存这次记录").click()
    pocket.until(lambda: Photo.objects.exists())


def test_file_that_is_no_photograph_is_told_at_once(pocket: Pocket, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_text("<html>")
    pocket.open_record("黄玉珍")
    pocket.page.get_by_text("照片、位置（可以不加）").click()
    pocket.page.locator("input[type=file]").set_input_files(file)
    expect(pocket.page.get_by_text("这张照片打不开，请换一张；不加也行。")).to_be_visible()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    save(pocket)
    pocket.until(lambda: Visit.objects.exists())


def test_position_is_read_once_when_somebody_taps(pocket: Pocket) -> None:
    pocket.page.context.grant_permissions(["geolocation"])
    pocket.page.context.set_geolocation({"latitude": 31.80049, "longitude": 121.60051, "accuracy": 18})
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_text("照片、位置（可以不加）").click()
    pocket.page.get_by_role("button", name="加上位置").click()
    expect(pocket.page.get_by_text("位置加上了。")).to_be_visible()
    save(pocket)
    pocket.until(lambda: Visit.objects.exists())
    visit = Visit.objects.get()
    assert (visit.latitude, visit.longitude, visit.accuracy) == (31.8, 121.601, 18)


def test_position_that_is_not_permitted_is_no_matter(pocket: Pocket) -> None:
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_text("照片、位置（可以不加）").click()
    pocket.page.get_by_role("button", name="加上位置").click()
    expect(pocket.page.get_by_text("没有得到位置，不要紧，直接记就行。")).to_be_visible()
    save(pocket)
    pocket.until(lambda: Visit.objects.exists())
    assert Visit.objects.get().position is None


OLDER = """async ([person, item]) => {
  const open = indexedDB.open(`visitcare-${person}`, 1);
  open.onupgradeneeded = () => {
    for (const [name, key] of [["outbox", "id"], ["kept", "name"], ["drafts", "form"]]) {
      open.result.createObjectStore(name, { keyPath: key });
    }
    open.transaction.objectStore("outbox").put({ ...item, made_at: Date.now() });
  };
  await new Promise((done) => { open.onsuccess = done; });
  open.result.close();
}"""


def test_queue_of_the_release_before_survives(
    phone: Page, cast: Cast, elder: Elder, sign_in: SignIn, live_server: Any
) -> None:
    phone.goto("/healthz")
    at = (timezone.now() - timedelta(minutes=5)).isoformat()
    record = {
        "schema": 1,
        "elders": [str(elder.pk)],
        "mode": "phone",
        "outcome": "spoke",
        "started_at": at,
        "agreed": None,
    }
    item = {
        "id": str(uuid4()), "kind": "visit", "household": str(elder.household_id), "names": "黄玉珍", "words": "电话",
        "state": "waiting", "tries": 0, "record": record,
    }  # fmt: skip
    phone.evaluate(OLDER, [str(cast.worker.pk), item])
    sign_in(phone, cast.worker)
    phone.goto("/")
    Pocket(phone, cast.worker).until(lambda: Visit.objects.exists())
    assert str(Visit.objects.get().pk) == item["id"]


def test_photograph_chosen_before_the_scripts_have_come_is_kept(
    open_page: Callable[..., Page], cast: Cast, elder: Elder, sign_in: SignIn, camera: Path
) -> None:
    phone = open_page(**PHONE, service_workers="block")
    sign_in(phone, cast.worker)
    scripts: list[Route] = []
    phone.route("**/phone/page*.js", lambda route: scripts.append(route))
    phone.goto(f"/record/{elder.household_id}/", wait_until="commit")
    phone.locator("input[type=file]").set_input_files(camera)
    scripts[0].continue_()
    phone.get_by_text("照片、位置（可以不加）").click()
    expect(phone.get_by_text(KEPT)).to_be_visible()
