"""Visits as phones send them: one by one, corrected, taken back, or all that has gathered at once (contracts.md, HTTP)."""

from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from visitcare.kit.api import SmallJSONParser, problem
from visitcare.kit.texts import tidy
from visitcare.kit.weeks import midnight, today
from visitcare.org.models import User
from visitcare.org.phones import holds_records
from visits.actions import Answer, TooMuch, read_item, take_in
from visits.actions.receiving import CAN_BE_CORRECTED
from visits.api import schemas
from visits.api.reading import VisitReading
from visits.kept_back import kept_back_of
from visits.models import KeptBack, Received, Visit
from visits.rules import is_late

MOST_ITEMS = 100


class OneVisitParser(SmallJSONParser):
    most_bytes = 256 * 1024


class BatchParser(SmallJSONParser):
    most_bytes = 1024 * 1024


class VisitViewSet(VisitReading):
    """Visits of the person's area, or their own; newest first. Whoever went stores, corrects and withdraws their own."""

    parser_classes = (OneVisitParser,)

    @extend_schema(
        request=schemas.RecordSerializer,
        responses={
            201: schemas.TakenSerializer,
            200: schemas.TakenSerializer,
            202: schemas.KeptBackSerializer,
            **schemas.problems(400, 403, 404, 409, 413, 422, 429, 503),
        },
    )
    def update(self, request: Request, pk: str) -> Response:
        """Store a visit under a key of the phone's own. The same again is answered with 200, at whatever time; what a
        person can mend is kept (202); other content under the same key is kept beside it (409)."""
        key = key_or_404(pk)
        if not request.data:
            raise ParseError  # nothing was said, so there is nothing to keep
        return _one(request, {"kind": Received.Kind.VISIT, "id": str(key), "record": request.data})

    @extend_schema(
        request=schemas.CorrectionSerializer,
        responses={
            201: schemas.TakenSerializer,
            200: schemas.TakenSerializer,
            202: schemas.KeptBackSerializer,
            **schemas.problems(400, 403, 404, 409, 413, 422, 429, 503),
        },
    )
    @action(detail=True, methods=["post"])
    def corrections(self, request: Request, pk: str) -> Response:
        """A new record takes the place of one's own, until it has been reviewed; the old one stays readable."""
        visit = _own(request, pk)
        said = _object(request)
        record = {name: value for name, value in said.items() if name != "id"}
        return _one(
            request,
            {"kind": Received.Kind.CORRECTION, "id": said.get("id"), "visit": visit, "record": record},
        )

    @extend_schema(
        request=schemas.WithdrawalSerializer,
        responses={
            201: schemas.TakenSerializer,
            200: schemas.TakenSerializer,
            **schemas.problems(400, 403, 404, 409, 413, 422, 429, 503),
        },
    )
    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: str) -> Response:
        """One's own record counts no more, until it has been reviewed; it stays readable."""
        visit = _own(request, pk)
        said = _object(request)
        return _one(request, {"kind": Received.Kind.WITHDRAWAL, "id": said.get("id"), "visit": visit})


class SyncView(APIView):
    """All that has gathered on a phone."""

    parser_classes = (BatchParser,)

    @extend_schema(responses=schemas.WaitingSerializer)
    def get(self, request: Request) -> Response:
        """What of one's own waits for somebody, or was not taken, with the reason."""
        return Response({"now": timezone.now(), "kept_back": kept_back_of(sender_of(request))})

    @extend_schema(
        request=schemas.BatchSerializer,
        responses={200: schemas.AnswersSerializer, **schemas.problems(400, 403, 413, 422, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Kept at once, and then taken in one by one in their order: none holds up another."""
        by = sender_of(request)
        said = _object(request)
        if said.get("person") not in (
            None,
            str(by.pk),
        ):  # on a shared phone somebody else has signed in meanwhile
            raise PermissionDenied
        items = said.get("items")
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            words = f"一次最多发 {MOST_ITEMS} 条，写在 items 里。"
            return problem(status.HTTP_422_UNPROCESSABLE_ENTITY, detail=words, errors={"items": [words]})
        try:
            answers = take_in(by=by, items=[read_item(item) for item in items], app=_app(said.get("app")))
        except TooMuch as refusal:
            return _until_tomorrow(refusal)
        return Response({"now": timezone.now(), "items": [_in_batch(answer) for answer in answers]})


def sender_of(request: Request) -> User:
    """Somebody who visits, or did: what they have not sent yet is still theirs."""
    user = request.user
    assert isinstance(user, User)
    if not holds_records(user):
        raise PermissionDenied
    return user


def _object(request: Request) -> dict[str, Any]:
    return request.data if isinstance(request.data, dict) else {}


def key_or_404(text: str) -> UUID:
    """A key as an address has it."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _own(request: Request, text: str) -> str:
    """The key of a visit that this person has sent, stored or kept back; of anybody else's it is told that there is none."""
    key = key_or_404(text)
    stored = Visit.objects.filter(pk=key, worker=request.user.pk)
    kept = KeptBack.objects.filter(received__item=key, received__sender=request.user.pk)
    kept = kept.filter(state__in=CAN_BE_CORRECTED)
    if not (stored.exists() or kept.exists()):
        raise Http404
    return str(key)


def _app(said: Any) -> str:
    return tidy(said)[:40] if isinstance(said, str) else ""


def _one(request: Request, body: dict[str, Any]) -> Response:
    try:
        (answer,) = take_in(by=sender_of(request), items=[read_item(body)])
    except TooMuch as refusal:
        return _until_tomorrow(refusal)
    if answer.is_taken:
        return Response(_taken(answer), status=answer.status)
    if answer.status == status.HTTP_202_ACCEPTED:
        kept = {"id": answer.item.name, "reason": answer.words, "field": answer.field}
        return Response(kept, status=answer.status)
    if answer.status == status.HTTP_404_NOT_FOUND:
        raise Http404
    retry = {"Retry-After": "60"} if answer.status == status.HTTP_503_SERVICE_UNAVAILABLE else None
    return problem(answer.status, detail=answer.words, errors=answer.errors, headers=retry)


def _until_tomorrow(refusal: TooMuch) -> Response:
    left = midnight(today() + timedelta(days=1)) - timezone.now()
    retry = {"Retry-After": str(ceil(left.total_seconds()))}
    return problem(status.HTTP_429_TOO_MANY_REQUESTS, detail=str(refusal), headers=retry)


def _taken(answer: Answer) -> dict[str, Any]:
    visit = answer.visit
    return {
        "id": answer.item.name,
        "state": visit.state if visit else Visit.State.WITHDRAWN,
        "state_words": visit.get_state_display() if visit else Visit.State.WITHDRAWN.label,
        "late": bool(visit and is_late(visit.started_at, visit.received_at)),
        "words": answer.words,
    }


def _in_batch(answer: Answer) -> dict[str, Any]:
    taken = _taken(answer) if answer.is_taken else {"state": "", "state_words": "", "late": False}
    return {
        **taken,
        "id": answer.item.name,
        "status": answer.status,
        "words": answer.words,
        "reason": "" if answer.is_taken else answer.words,
        "field": answer.field,
        "errors": answer.errors,
    }
