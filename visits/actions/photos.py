"""Photographs that come with visits: taken in where they can be, looked at by those who may, forgotten when they are old.

The visit comes first and never waits for its photographs: whatever becomes of one, the visit is stored.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.kit.pictures import MOST_PIXELS, Picture, redrawn
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User
from visitcare.policy.models import care_policy
from visits.models import Flag, Photo, Visit

MOST_PHOTOS = 3
OPEN = (Visit.State.PENDING, Visit.State.RETURNED)
"""Of a visit that nobody has decided on, more can be said."""


class NoSuchVisit(ValueError):
    """No visit of this person's; of others' nothing is told, nor of their photographs."""

    def __init__(self) -> None:
        super().__init__("没有这条记录。")


class PhotoConflict(ValueError):
    """It cannot be added as things stand, in words for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Added:
    """The stored photograph, and whether this call stored it."""

    photo: Photo
    created: bool


def known_photo(*, by: User, visit: UUID, photo: UUID, digest: bytes) -> Photo | None:
    """What this person has sent under this key, if it is the same. Raise NoSuchVisit where the visit or the key is not
    theirs, PhotoConflict where they have sent something else under it."""
    if not Visit.objects.filter(pk=visit, worker=by).exists():
        raise NoSuchVisit
    known: Photo | None = Photo.objects.filter(pk=photo).first()
    if known is None:
        return None
    if known.sent_by_id != by.pk:
        raise NoSuchVisit
    if (known.visit_id, known.digest) != (visit, digest.hex()):
        raise PhotoConflict("这个编号的照片已经收到过，内容不一样。先收到的那张没有动。")
    return known


def add_photo(*, by: User, visit: UUID, photo: UUID, content: bytes, most_pixels: int = MOST_PIXELS) -> Added:
    """Add a photograph to one's own visit, as long as nobody has decided on it. The same again answers with what is
    there. One that came with another visit before, anybody's, is a doubt for the reviewer.

    Raise as `known_photo`, and PictureRefused for what is no photograph that can be shown.
    """
    digest = hashlib.sha256(content).digest()
    if known := known_photo(by=by, visit=visit, photo=photo, digest=digest):
        return Added(known, created=False)
    picture = redrawn(content, most_pixels=most_pixels)  # before anything is locked
    try:
        return _add(by, visit, photo, digest, picture)
    except IntegrityError:  # the same key at the same moment, with another visit
        known_photo(by=by, visit=visit, photo=photo, digest=digest)
        raise


def _add(by: User, visit: UUID, photo: UUID, digest: bytes, picture: Picture) -> Added:
    with transaction.atomic():
        held = Visit.objects.select_for_update().get(pk=visit)
        if known := known_photo(by=by, visit=visit, photo=photo, digest=digest):  # meanwhile
            return Added(known, created=False)
        _insist_open(held)
        added = _store(by, held, photo, digest.hex(), picture)
        _flag_used_before(held, added)
    return Added(added, created=True)


def _insist_open(visit: Visit) -> None:
    if visit.state not in OPEN:
        raise PhotoConflict("这条探访已经审核过或者撤回了，不能再加照片。")
    if visit.photos.count() >= MOST_PHOTOS:
        raise PhotoConflict(f"一次探访最多 {MOST_PHOTOS} 张照片，已经有了。")


def _store(by: User, visit: Visit, photo: UUID, digest: str, picture: Picture) -> Photo:
    added: Photo = Photo.objects.create(
        id=photo,
        visit=visit,
        digest=digest,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        content=picture.content,
        sent_by=by,
        received_at=timezone.now(),
    )
    return added


def _flag_used_before(visit: Visit, added: Photo) -> None:
    """Of what was taken back nothing was made: a corrected visit may bring its photographs again."""
    same = Photo.objects.filter(digest=added.digest).exclude(visit=visit)
    other = same.exclude(visit__state=Visit.State.WITHDRAWN).order_by("received_at").first()
    if other is None:
        return
    words = "照片和另一次探访的一模一样"
    Flag.objects.get_or_create(
        visit=visit, code="same_photo", defaults={"words": words, "other_visit_id": other.visit_id}
    )
    Visit.objects.filter(pk=visit.pk).update(flagged=True)


def look_at_photo(*, by: User, photo: UUID) -> Photo:
    """A photograph with its content, for somebody who may see its visit; whoever else than its worker looks leaves a
    trace. Raise Photo.DoesNotExist where there is none that they may see."""
    with transaction.atomic():
        seen: Photo = Photo.objects.visible_to(by).with_content().select_related("visit").get(pk=photo)
        if seen.visit.worker_id != by.pk:
            record(
                by=by,
                verb="see_photo",
                words=f"看了{seen.visit}的照片",
                about=seen.visit,
                where=Division.objects.get(pk=seen.visit.village_code),
                data={"photo": str(seen.pk)},
            )
    return seen


def forget_old_photos() -> int:
    """Forget the pictures of visits that are decided on or taken back, once they have served; how many. That there was
    one stays, so that the same one is known again."""
    before = timezone.now() - timedelta(days=care_policy(today()).photo_days)
    old = Photo.objects.filter(received_at__lt=before, forgotten=False).exclude(visit__state__in=OPEN)
    count: int = old.update(content=b"", forgotten=True)
    return count
