"""Photographs that come with visits: drawn anew, sealed, seen by few, and never in the way of a visit."""

import base64
import hashlib
import io
import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from elders.models import Elder
from tests.cast import Cast
from tests.doors.walking import told
from tests.factories import at_once, breaks, jpeg, make_elder, make_photo, make_visit, review, run
from tests.visits.outbox import Phone, record
from tests.visits.phone import NOW, read, record_url, said, text_of
from visitcare.audit.models import Event
from visitcare.kit.encryption import unseal
from visitcare.kit.positions import Position
from visitcare.org.models import User
from visits.actions import add_photo, forget_old_photos
from visits.models import Flag, Photo, Visit

pytestmark = pytest.mark.usefixtures("wednesday")

PHOTO = jpeg()
"""What most tests send."""


@pytest.fixture
def visit(cast: Cast, elder: Elder) -> Visit:
    return make_visit(cast.worker, elder, at="2025-03-05 09:00")


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def send(
    user: User,
    visit: Visit | UUID | str,
    content: bytes = PHOTO,
    *,
    key: UUID | str | None = None,
    digest: str | None = None,
    kind: str = "image/jpeg",
    **more: Any,
) -> tuple[int, Any]:
    """As a phone does; (status, body)."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    visit_key = visit.pk if isinstance(visit, Visit) else visit
    declared = digest_of(content) if digest is None else digest
    answer = client.put(
        f"/api/v1/visits/{visit_key}/photos/{key or uuid4()}/",
        content,
        content_type=kind,
        headers={"Content-Digest": declared},
        **more,
    )
    assert (answer.status_code < 300) or answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()


def stored(photo: Photo) -> bytes:
    """As it stands in its column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM visits_photo WHERE id = %s", [photo.pk])
        return bytes(cursor.fetchone()[0])


def codes(visit: Visit) -> list[str]:
    return sorted(visit.flags.values_list("code", flat=True))


# From a phone


def test_photograph_is_drawn_anew_and_sealed(cast: Cast, visit: Visit) -> None:
    key = uuid4()
    assert send(cast.worker, visit, jpeg(2000, 1000), key=key) == (
        201,
        {"id": str(key), "words": "照片收到了。"},
    )
    photo = Photo.objects.get()
    assert (photo.pk, photo.visit, photo.sent_by, photo.received_at) == (key, visit, cast.worker, NOW)
    assert photo.digest == hashlib.sha256(jpeg(2000, 1000)).hexdigest()
    assert (photo.width, photo.height) == (1600, 800)
    content = Photo.objects.with_content().get().content
    assert (len(content), Image.open(io.BytesIO(content)).size) == (photo.size, (1600, 800))
    assert stored(photo)[:3] == b"k1:"
    assert content[:40] not in stored(photo)
    assert "content" in photo.get_deferred_fields()


def test_same_again_is_the_same_whenever_it_comes(cast: Cast, visit: Visit) -> None:
    key = uuid4()
    assert send(cast.worker, visit, key=key)[0] == 201
    review(visit, "valid")
    assert send(cast.worker, visit, key=key) == (200, {"id": str(key), "words": "这张照片已经收到过了。"})
    assert Photo.objects.count() == 1


def test_other_bytes_under_the_same_key_are_refused(cast: Cast, elder: Elder, visit: Visit) -> None:
    key = uuid4()
    send(cast.worker, visit, key=key)
    status, body = send(cast.worker, visit, jpeg(colour="red"), key=key)
    assert (status, body["detail"]) == (409, "这个编号的照片已经收到过，内容不一样。先收到的那张没有动。")
    other = make_visit(cast.worker, elder, at="2025-03-04 09:00")
    assert send(cast.worker, other, key=key)[0] == 409
    assert Photo.objects.get().digest == hashlib.sha256(PHOTO).hexdigest()


def test_visit_of_somebody_else_is_as_none(cast: Cast, visit: Visit) -> None:
    none = send(cast.second_worker, uuid4())
    assert none == (404, {"type": "about:blank", "title": "没有这条记录", "status": 404})
    assert send(cast.second_worker, visit) == none
    assert send(cast.cadre, visit) == none  # who may see it adds nothing to it
    assert send(cast.worker, "nonsense") == none
    assert send(cast.worker, visit, key="nonsense") == none
    assert send(cast.reviewer, visit)[0] == 403
    assert not Photo.objects.exists()


def test_key_of_somebody_elses_photograph_is_as_none(cast: Cast, elder: Elder, visit: Visit) -> None:
    """Whatever is sent under it: nothing is told of theirs, not even that there is one."""
    photo = make_photo(visit, PHOTO)
    own = make_visit(cast.visitor, elder, at="2025-03-05 09:30", mode="phone")
    for content in (PHOTO, jpeg(colour="red")):
        assert send(cast.visitor, own, content, key=photo.pk)[0] == 404


def test_visit_that_a_phone_sends_first_takes_its_photograph_then(cast: Cast, elder: Elder) -> None:
    key = uuid4()
    assert send(cast.worker, key)[0] == 404
    assert Phone(cast.worker).put(key, record(elder))[0] == 201
    assert send(cast.worker, key)[0] == 201


@pytest.mark.parametrize("state", ["valid", "invalid", "withdrawn"])
def test_visit_that_is_decided_on_takes_no_more(cast: Cast, visit: Visit, state: str) -> None:
    Visit.objects.filter(pk=visit.pk).update(
        state=state, reviewed_by=cast.reviewer, reviewed_at=NOW, review_reason="不对"
    )
    status, body = send(cast.worker, visit)
    assert (status, body["title"]) == (409, "照片没有收")
    assert body["detail"] == "这条探访已经审核过或者撤回了，不能再加照片。"
    Visit.objects.filter(pk=visit.pk).update(state="returned")
    assert send(cast.worker, visit)[0] == 201


def test_visit_has_three_at_most(cast: Cast, visit: Visit) -> None:
    sent = [send(cast.worker, visit, jpeg(width))[0] for width in (10, 20, 30, 40)]
    assert sent == [201, 201, 201, 409]
    assert send(cast.worker, visit, jpeg(10), key=Photo.objects.order_by("width").first().pk)[0] == 200  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"<!doctype html><title>a.jpg</title>", 415),
        (b"", 415),
        (PHOTO[: len(PHOTO) // 2], 422),
        (b"\xff\xd8\xff" + bytes(100), 422),
        (jpeg(6000, 5000), 422),
        (bytes(2 * 1024 * 1024 + 1), 413),
    ],
    ids=["svg", "html", "nothing", "cut off", "no picture", "30 million pixels", "2 MB"],
)
def test_what_cannot_be_a_photograph_is_refused_in_words(
    cast: Cast, visit: Visit, content: bytes, status: int
) -> None:
    answered, body = send(cast.worker, visit, content)
    assert (answered, body["status"], body["title"]) == (status, status, "照片没有收")
    assert "。" in body["detail"]
    assert not Photo.objects.exists()


def test_what_the_bytes_are_decides_and_not_what_they_are_called(cast: Cast, visit: Visit) -> None:
    assert send(cast.worker, visit, kind="text/html")[0] == 201
    assert send(cast.worker, visit, b"<html>", kind="image/jpeg")[0] == 415


def test_what_is_too_large_is_not_read(cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.handlers.wsgi.LimitedStream.read", lambda *_: pytest.fail("read"))
    assert send(cast.worker, visit, CONTENT_LENGTH=str(50 * 1024**2))[0] == 413


@pytest.mark.parametrize(
    "header",
    ["", "sha-256=AAAA", "sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=:!!!:", "md5=:" + "A" * 43 + "=:", "sha-256=:A:"],
)  # fmt: skip
def test_sender_must_say_the_digest(cast: Cast, visit: Visit, header: str) -> None:
    status, body = send(cast.worker, visit, digest=header)
    assert (status, list(body["errors"])) == (400, ["Content-Digest"])


def test_digest_among_others_is_found(cast: Cast, visit: Visit) -> None:
    assert send(cast.worker, visit, digest=f"md5=:AAAA:, {digest_of(PHOTO)}")[0] == 201


def test_photograph_that_came_cut_off_is_told_so(cast: Cast, visit: Visit) -> None:
    """Its declared digest and the one of what came, for whoever looks into it."""
    status, body = send(cast.worker, visit, PHOTO[:-5], digest=digest_of(PHOTO))
    assert (status, body["detail"]) == (422, "照片没有传完整，和发出来的不一样。请再发一次。")
    assert body["content_digest"] == {
        "algorithm": "sha-256",
        "declared": digest_of(PHOTO)[9:-1],
        "received": digest_of(PHOTO[:-5])[9:-1],
    }
    assert not Photo.objects.exists()


def test_photograph_whose_connection_breaks_is_no_error(cast: Cast, visit: Visit) -> None:
    class Cut(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    assert send(cast.worker, visit, **{"wsgi.input": Cut()})[0] == 400
    assert send(cast.worker, visit)[0] == 201


@pytest.mark.django_db(transaction=True)
def test_five_at_once_are_one(cast: Cast, visit: Visit) -> None:
    key = uuid4()
    once = partial(add_photo, by=cast.worker, visit=visit.pk, photo=key, content=PHOTO)
    found = at_once(*[once] * 5)
    assert sorted(added.created for added in found) == [False, False, False, False, True]
    others = [partial(once, photo=uuid4(), content=jpeg(width)) for width in (10, 20, 30, 50)]
    at_once(*others)
    assert Photo.objects.count() == 3


# Doubts


def test_same_photograph_on_another_visit_is_a_doubt(cast: Cast, visit: Visit) -> None:
    """Anybody's, anywhere; the reviewer is told of which only where they may see it."""
    make_photo(visit, PHOTO)
    assert codes(visit) == []
    elsewhere = make_visit(cast.other_worker, make_elder(cast.other_group), at="2025-03-05 08:00")
    review(visit, "valid")
    make_photo(elsewhere, PHOTO)
    elsewhere.refresh_from_db()
    flag = Flag.objects.get(visit=elsewhere)
    assert (flag.code, flag.words, flag.other_visit) == ("same_photo", "照片和另一次探访的一模一样", visit)
    assert (elsewhere.flagged, codes(visit)) == (True, [])
    make_photo(elsewhere, jpeg(colour="red"))
    assert codes(elsewhere) == ["same_photo"]


def test_doubt_of_a_photograph_holds_the_visit_back(cast: Cast, elder: Elder, visit: Visit) -> None:
    make_photo(visit, PHOTO)
    call = make_visit(cast.worker, elder, at="2025-03-05 09:30", mode="phone")
    make_photo(call, PHOTO)
    Visit.objects.update(received_at=NOW - timedelta(hours=25))
    run("nightly")
    assert [Visit.objects.get(pk=one.pk).state for one in (visit, call)] == ["valid", "pending"]


def test_photograph_of_a_record_that_was_taken_back_may_come_again(
    cast: Cast, elder: Elder, visit: Visit
) -> None:
    make_photo(visit, PHOTO)
    make_photo(visit, PHOTO)  # twice with the same visit is clumsy, and no doubt
    assert codes(visit) == []
    phone, key = Phone(cast.worker), uuid4()
    assert phone.correct(visit.pk, key, record(elder))[0] == 201
    assert send(cast.worker, key)[0] == 201
    corrected = Visit.objects.get(pk=key)
    assert (codes(corrected), corrected.photos.count(), visit.photos.count()) == ([], 1, 2)


# Looking


def look(user: User, photo: Photo | UUID) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/photos/{photo.pk if isinstance(photo, Photo) else photo}/")


def test_photograph_is_shown_as_nothing_but_a_picture(cast: Cast, visit: Visit) -> None:
    photo = make_photo(visit)
    answer = look(cast.worker, photo)
    content = Photo.objects.with_content().get().content
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (
        200,
        content,
        "image/jpeg",
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        f"inline; filename*=utf-8''%E7%85%A7%E7%89%87-2025-03-05-{str(photo.pk)[-4:]}.jpg"
    )
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))


def test_whoever_sees_the_visit_sees_it_and_leaves_a_trace(cast: Cast, visit: Visit) -> None:
    photo = make_photo(visit)
    may = {"worker", "cadre", "reviewer", "head", "officer", "approver", "second_approver", "auditor"}
    seen = {
        who
        for who, person in cast.everybody().items()
        if isinstance(person, User) and look(person, photo).status_code == 200
    }
    assert seen == may
    traces = Event.objects.filter(verb="see_photo")
    assert set(traces.values_list("actor_name", flat=True)) == {
        getattr(cast, who).name for who in may - {"worker"}
    }
    trace = traces.get(actor_name=cast.reviewer.name)
    assert (trace.words, trace.about_id, trace.area_code, trace.data) == (
        "看了2025-03-05 上门的照片", str(visit.pk), cast.village.code, {"photo": str(photo.pk)}
    )  # fmt: skip


def test_foreign_photograph_is_as_one_that_is_not_there(cast: Cast, visit: Visit) -> None:
    photo = make_photo(visit)
    for who in (cast.second_worker, cast.visitor, cast.other_head, cast.admin):
        foreign, none = look(who, photo), look(who, uuid4())
        assert told(foreign) == told(none)
        assert foreign.status_code == 404
    assert Client().get(f"/photos/{photo.pk}/").status_code == 302
    assert not Event.objects.filter(verb="see_photo").exists()


def test_review_shows_photographs_only_where_there_are_some(cast: Cast, visit: Visit) -> None:
    client = Client()
    client.force_login(cast.reviewer)
    page = reverse("admin:visits_visit_change", args=[visit.pk])
    assert "照片" not in text_of(read(client, page))
    photo = make_photo(visit)
    assert f'src="/photos/{photo.pk}/"' in read(client, page)
    assert not Event.objects.filter(verb="see_photo").exists()  # the browser asks for it by itself


def test_review_tells_where_a_visit_was(cast: Cast, elder: Elder, visit: Visit) -> None:
    client = Client()
    client.force_login(cast.reviewer)
    page = partial(reverse, "admin:visits_visit_change")
    assert "位置" not in text_of(read(client, page(args=[visit.pk])))
    for day in (1, 2):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", position=Position(31.829, 121.6, 30))
    far = make_visit(cast.worker, elder, at="2025-03-04 09:00", position=Position(31.8, 121.6, 30))
    html = read(client, page(args=[far.pk]))
    assert "北纬 31.8°，东经 121.6°（百米以内不分）；离这户平时约 3.2 公里，到高德地图上看" in text_of(html)
    assert (
        'href="https://uri.amap.com/marker?position=121.6,31.8&amp;coordinate=wgs84" target="_blank" rel="noreferrer"'
        in html
    )


def test_my_records_tell_of_doubts_and_show_the_photographs(cast: Cast, visit: Visit) -> None:
    make_photo(visit, PHOTO)
    again = make_visit(cast.worker, make_elder(cast.group), at="2025-03-05 08:00")
    photo = make_photo(again, PHOTO)
    client = Client()
    client.force_login(cast.worker)
    html = read(client, "/mine/")
    assert text_of(html).count("镇里会看一看：照片和另一次探访的一模一样") == 1
    assert html.count('href="/photos/') == 2
    assert f'href="/photos/{photo.pk}/"' in html
    review(again, "valid")
    assert "镇里会看一看" not in read(client, "/mine/")


# By the form, without script


def fill(cast: Cast, elder: Elder, photo: bytes | None = None, **more: object) -> Any:
    client = Client()
    client.force_login(cast.worker)
    file = {} if photo is None else {"photo": SimpleUploadedFile("../../x.svg", photo, "text/html")}
    return client.post(record_url(elder.household), said(elder, mode="home", **more) | file, follow=True)


@pytest.mark.parametrize("result", ["ok", "found"])
def test_form_takes_a_photograph_along(cast: Cast, elder: Elder, result: str) -> None:
    more: dict[str, object] = {"safety_kinds": "gas"} if result == "found" else {}
    answer = fill(cast, elder, jpeg(7000, 5000), result=result, **more)
    assert "照片也收到了。" in answer.content.decode()
    photo = Photo.objects.get()
    assert (photo.visit, photo.width) == (Visit.objects.get(), 1600)


def test_form_without_a_photograph_says_nothing_of_it(cast: Cast, elder: Elder) -> None:
    assert "照片" not in text_of(fill(cast, elder).content.decode())


def test_form_sent_twice_brings_one_photograph(cast: Cast, elder: Elder) -> None:
    key = str(uuid4())
    for _ in range(2):
        fill(cast, elder, PHOTO, visit_id=key)
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("photo", "why"),
    [
        (b"<svg/>", "这不是照片，或者格式不认识。"),
        (PHOTO[:200], "照片打不开："),
        (b"\xff\xd8\xff" + bytes(12 * 1024**2), "照片太大，最多 12 MB。"),
    ],
    ids=["svg", "cut off", "12 MB"],
)
def test_visit_is_stored_whatever_becomes_of_its_photograph(
    cast: Cast, elder: Elder, photo: bytes, why: str
) -> None:
    text = text_of(fill(cast, elder, photo).content.decode())
    assert f"照片没有收：{why}" in text
    assert "记录已经收好了，不用再记。" in text
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 0)


def test_next_step_asks_for_the_photograph_again(cast: Cast, elder: Elder) -> None:
    """No page can fill a file in by itself."""
    again = "刚才选的照片没有带过来，请再选一次。"
    assert again in fill(cast, elder, PHOTO, result="details").content.decode()
    assert again in fill(cast, elder, PHOTO, result="nonsense").content.decode()
    assert again not in fill(cast, elder, result="details").content.decode()
    assert not Visit.objects.exists()


def test_session_that_ended_loses_the_photograph_and_says_so(cast: Cast, elder: Elder) -> None:
    client = Client(headers={"Origin": "http://testserver"})
    sent = said(elder, mode="home", written_by=str(cast.worker.pk))
    answer = client.post(record_url(elder.household), sent | {"photo": SimpleUploadedFile("a.jpg", PHOTO)})
    assert answer.status_code == 403
    carried = re.search(r'name="unsent" value="([^"]+)"', answer.content.decode())
    assert carried is not None
    assert '["lost_files", "photo"]' in unseal(carried[1])
    client.force_login(cast.worker)
    answer = client.post(record_url(elder.household), sent | {"lost_files": "photo"}, follow=True)
    assert "照片没有带过来，没有收；记录已经收好了，不用再记。" in answer.content.decode()
    assert Visit.objects.count() == 1


def test_form_takes_a_position_that_somebody_tapped(cast: Cast, elder: Elder) -> None:
    fill(cast, elder, position="31.80049,121.60051,29.3")
    visit = Visit.objects.get()
    assert (visit.latitude, visit.longitude, visit.accuracy) == (31.8, 121.601, 30)
    client = Client()
    client.force_login(cast.worker)
    assert 'name="position" value="31.8,121.601,30"' in read(
        client, reverse("correct_visit", args=[visit.pk])
    )


@pytest.mark.parametrize(
    "nonsense", ["", "here", "1,2", "nan,nan,nan", "31.8,121.6,30,4", "9" * 400 + ",1,1"]
)
def test_form_with_a_position_that_is_none_is_stored(cast: Cast, elder: Elder, nonsense: str) -> None:
    fill(cast, elder, position=nonsense)
    assert Visit.objects.get().position is None


# After a while


def test_photographs_that_have_served_are_forgotten(cast: Cast, elder: Elder, visit: Visit) -> None:
    """Of what waits for somebody all is kept; and that there was one stays known."""
    waits = make_visit(cast.worker, elder, at="2025-03-04 09:00")
    photos = [
        make_photo(visit, PHOTO),
        make_photo(waits, jpeg(colour="red")),
        make_photo(visit, jpeg(colour="blue")),
    ]
    review(visit, "valid")
    Photo.objects.exclude(pk=photos[2].pk).update(received_at=NOW - timedelta(days=366))
    assert forget_old_photos() == 1
    assert forget_old_photos() == 0
    assert [stored(photo) == b"" for photo in photos] == [True, False, False]
    assert [look(cast.worker, photo).status_code for photo in photos] == [404, 200, 200]
    client = Client()
    client.force_login(cast.reviewer)
    assert "有一张，保存期已过，删除了。" in read(
        client, reverse("admin:visits_visit_change", args=[visit.pk])
    )
    make_photo(waits, PHOTO)
    assert codes(waits) == ["same_photo"]


def test_nightly_says_how_many_were_forgotten(cast: Cast, visit: Visit) -> None:
    make_photo(visit)
    review(visit, "valid")
    Photo.objects.update(received_at=timezone.now() - timedelta(days=366))
    assert "到期的照片：删除 1 张\n" in run("nightly")


def test_database_refuses_what_is_large(cast: Cast, visit: Visit) -> None:
    photo = make_photo(visit)
    wrongs: list[dict[str, int]] = [{"width": 1601}, {"height": 0}, {"size": 300 * 1024 + 1}]
    for wrong in wrongs:
        with breaks("photo_is_small"):
            Photo.objects.filter(pk=photo.pk).update(**wrong)
