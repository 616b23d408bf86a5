"""Photographs of visits, as phones send them: one by one, after their visit, and each only once."""

import base64
import binascii
import hashlib
import re
from typing import Any
from uuid import UUID

from django.http import Http404, UnreadablePostError
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from visitcare.kit.api import problem
from visitcare.kit.pictures import NoPicture, PictureRefused
from visits.actions import NoSuchVisit, PhotoConflict, add_photo, known_photo
from visits.api import schemas
from visits.api.syncing import key_or_404, sender_of

MOST_BYTES = 2 * 1024 * 1024
"""A phone shrinks before it sends, to a tenth of this."""
HEADER = "Content-Digest"
_SHA_256 = re.compile(r"sha-256=:([A-Za-z0-9+/]+={0,2}):")


class PhotoTakenSerializer(serializers.Serializer):
    """It is stored."""

    id = serializers.UUIDField()
    words = serializers.CharField()


class PhotoView(APIView):
    """One photograph of one visit."""

    http_method_names = ("put", "options")

    @extend_schema(
        request={f"image/{kind}": OpenApiTypes.BINARY for kind in ("jpeg", "png", "webp")},
        parameters=[
            OpenApiParameter(
                HEADER, location="header", required=True, description="sha-256=:…: of the body (RFC 9530)"
            )
        ],
        responses={
            201: PhotoTakenSerializer,
            200: PhotoTakenSerializer,
            **schemas.problems(400, 403, 404, 409, 413, 415, 422, 503),
        },
    )
    def put(self, request: Request, visit: str, photo: str) -> Response:
        """Add a photograph to one's own visit that is stored and not yet decided on, under a key of the phone's own. The
        same again is answered with 200. What the bytes are decides, not what they are called."""
        by = sender_of(request)
        of, key = key_or_404(visit), key_or_404(photo)
        declared = _declared(request)
        if isinstance(declared, Response):
            return declared
        try:
            if known_photo(by=by, visit=of, photo=key, digest=declared):
                return _taken(key, status.HTTP_200_OK)
            content = _body(request)
            if hashlib.sha256(content).digest() != declared:
                return _mismatch(content, declared)
            added = add_photo(by=by, visit=of, photo=key, content=content)
        except NoSuchVisit:
            raise Http404 from None
        except _TooLarge:
            words = f"照片太大，最多 {MOST_BYTES // 1024**2} MB。请缩小再发。"
            return _refused(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, words)
        except PhotoConflict as refusal:
            return _refused(status.HTTP_409_CONFLICT, str(refusal))
        except NoPicture as refusal:
            return _refused(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, str(refusal))
        except PictureRefused as refusal:
            return _refused(status.HTTP_422_UNPROCESSABLE_ENTITY, str(refusal))
        return _taken(key, status.HTTP_201_CREATED if added.created else status.HTTP_200_OK)


class _TooLarge(Exception):
    pass


def _declared(request: Request) -> bytes | Response:
    """The digest that the sender says its bytes have; or the answer to one who says none that can be read."""
    found = _SHA_256.search(request.headers.get(HEADER, ""))
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) == hashlib.sha256().digest_size:
        return digest
    words = f"没有 {HEADER}: sha-256=:…:，不知道照片传来时是不是完整的。请更新手机上的页面。"
    return _refused(status.HTTP_400_BAD_REQUEST, words, errors={HEADER: [words]})


def _body(request: Request) -> bytes:
    """No more than is taken: what says that it is larger is not read at all."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise _TooLarge
    try:
        return bytes(request.stream.read()) if request.stream else b""
    except UnreadablePostError:  # cut off on the way
        raise ParseError from None


def _mismatch(content: bytes, declared: bytes) -> Response:
    words = "照片没有传完整，和发出来的不一样。请再发一次。"
    said = {
        "algorithm": "sha-256",
        "declared": _text(declared),
        "received": _text(hashlib.sha256(content).digest()),
    }
    return _refused(
        status.HTTP_422_UNPROCESSABLE_ENTITY, words, errors={HEADER: [words]}, content_digest=said
    )


def _refused(code: int, words: str, **more: Any) -> Response:
    return problem(code, title="照片没有收", detail=words, **more)


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _taken(photo: UUID, code: int) -> Response:
    words = "照片收到了。" if code == status.HTTP_201_CREATED else "这张照片已经收到过了。"
    return Response({"id": str(photo), "words": words}, status=code)
