"""Small plain functions that make rows the way the product makes them: through its actions."""

import io
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook
from PIL import Image

from elders.actions import FormData, approve_form, open_household, register_elder, submit_form
from elders.models import Elder, Household, RegistrationForm
from subsidies.actions import approve_settlement, assess_settlement, settle
from subsidies.models import Settlement
from visitcare.kit.identity import check_digit
from visitcare.kit.weeks import SHANGHAI, Month
from visitcare.org.models import Division, User
from visits.actions import add_photo, log_visit, review_visits
from visits.models import Photo, Visit

_serial: Iterator[int] = count(1)
REGISTERED = date(2025, 1, 6)
"""A Monday: whoever is registered on it has a class from 2025-01-13."""

NOTHING_WRONG: dict[str, Any] = {
    "living": "alone",
    "spouse_location": "none",
    "child_location": "none",
    "able_adult_at_home": False,
    "dementia": False,
    "cannot_speak_or_hear": False,
    "disability_grade": 0,
    "serious_illness": False,
    "economy": [],
    "family_planning_special": False,
    "left_behind": False,
    "cares_for_dependent_child": False,
    "lives_with_dependent_child_long_term": False,
    "other": "",
}


def id_number(birth_date: date, *, sex: str = "female") -> str:
    """A number nobody has: region 320699, a right check digit, another one at every call."""
    order = next(_serial) % 499 * 2 + (2 if sex == "female" else 1)
    first17 = f"320699{birth_date:%Y%m%d}{order:03}"
    return first17 + check_digit(first17)


def mobile() -> str:
    """A number nobody has."""
    return f"199000{next(_serial) % 90_000:05}"


def moment(text: str) -> datetime:
    """A moment in Shanghai, written 2025-03-04 09:00."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def make_household(place: Division, *, number: str = "", address: str = "") -> Household:
    return open_household(by=User.objects.system(), place=place, number=number, address=address)


def form_data(
    birth_date: date,
    *,
    name: str = "马凤英",
    sex: str = "female",
    registered_on: date = REGISTERED,
    number: str | None = None,
    phone: str = "",
    ability: str = "",
    score: int | None = None,
    consent: str = "full",
    consent_reason: str = "",
    **facts: Any,
) -> FormData:
    """A form on which everything is known and nothing is wrong, but for `facts`."""
    person = {
        "name": name,
        "sex": sex,
        "birth_date": birth_date,
        "id_number": id_number(birth_date, sex=sex) if number is None else number,
        "phone": phone,
    }
    return FormData(
        registered_on=registered_on,
        person=person,
        facts=NOTHING_WRONG | facts,
        ability=ability,
        score=score,
        consent=consent,
        consent_reason=consent_reason or ("自己能行" if consent == "refused" else ""),
    )


def make_form(
    home: Household, birth_date: date, *, elder: Elder | None = None, **said: Any
) -> RegistrationForm:
    """A submitted registration form of a new or a known elder."""
    system = User.objects.system()
    data = form_data(birth_date, **said)
    if elder:
        data.person = {}
    form = register_elder(by=system, household=home, data=data, elder=elder)
    submit_form(by=system, form=form)
    return form


def make_elder(home: Household | Division, birth_date: date = date(1950, 5, 1), **said: Any) -> Elder:
    """An elder whose form is approved, with the classes that follow from it: by default living alone, 74, class C.

    A division gives the elder a household of their own.
    """
    household = make_household(home) if isinstance(home, Division) else home
    form = make_form(household, birth_date, **said)
    approve_form(by=User.objects.system(), form=form)
    return Elder.objects.select_related("household__place").get(pk=form.elder_id)


def make_visit(
    worker: User,
    *elders: Elder,
    at: str = "2025-03-04 09:00",
    mode: str = "home",
    outcome: str = "",
    state: str = "",
    by: User | None = None,
    received_at: datetime | None = None,
    **said: Any,
) -> Visit:
    """A visit that went well and was typed five minutes later, reviewed where `state` says how."""
    started_at = moment(at)
    visit = log_visit(
        by=by or User.objects.system(),
        visit_id=said.pop("visit_id", None) or uuid4(),
        worker=worker,
        elders=[elder.pk for elder in elders],
        mode=mode,
        outcome=outcome or ("met" if mode == "home" else "spoke"),
        started_at=started_at,
        received_at=received_at or started_at + timedelta(minutes=5),
        **said,
    ).visit
    if state:
        review(visit, state)
        visit.refresh_from_db()
    return visit


def jpeg(width: int = 40, height: int = 30, colour: str = "green", **more: Any) -> bytes:
    """A photograph as a phone makes them."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", **more)
    return out.getvalue()


def make_photo(visit: Visit, content: bytes = b"") -> Photo:
    """A photograph that the worker of a visit has added."""
    return add_photo(by=visit.worker, visit=visit.pk, photo=uuid4(), content=content or jpeg()).photo


def review(visit: Visit, state: str) -> None:
    """Decide on one visit, as the system does."""
    reason = "" if state == "valid" else "电话回访，老人说没有来"
    review_visits(
        by=User.objects.system(), visits=Visit.objects.filter(pk=visit.pk), state=state, reason=reason
    )


@contextmanager
def breaks(constraint: str) -> Iterator[None]:
    """Insist that the block is refused by the database itself, by the constraint of this name."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert getattr(caught.value.__cause__, "diag").constraint_name == constraint  # noqa: B009 (no stubs)


@contextmanager
def unguarded() -> Iterator[None]:
    """The triggers of the database off, to do what they refuse: what else holds then?"""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads with connections of their own, let go at one moment; what each returned or raised."""
    start = Barrier(len(calls))
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: _alone(call, start.wait), calls))


def overtaken(
    call: Callable[[], Any], *, by: Callable[[], Any], then: Callable[[], Any] = lambda: None
) -> Any:
    """What a call returned or raised that began when `by` was done and not yet known; `then` is done, and all of it
    known, once the call waits."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            by()
            said = pool.submit(_alone, call)
            while not said.done() and not _somebody_waits_for_us():
                sleep(0.01)
            then()
        return said.result()


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def _alone(call: Callable[[], Any], ready: Callable[[], Any] = lambda: None) -> Any:
    try:
        connection.ensure_connection()
        ready()
        return call()
    except Exception as error:
        return error
    finally:
        connections.close_all()


def in_processes(*calls: Callable[[], Any]) -> list[str]:
    """Run the calls in processes with connections of their own, let go at one moment.

    What each raised, with the type, or "" where it went well. Everything they need is committed.
    """
    connections.close_all()  # a child must not inherit one
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(len(calls)), context.Queue()

    def alone(number: int, call: Callable[[], Any]) -> None:
        answer = ""
        try:
            connection.ensure_connection()
            start.wait()
            call()
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()
            answers.put((number, answer))

    children = [context.Process(target=alone, args=each) for each in enumerate(calls)]
    for child in children:
        child.start()
    said = dict(answers.get(timeout=60) for _ in children)
    for child in children:
        child.join()
    return [said[number] for number in range(len(calls))]


def costs_the_same(look: Callable[[], Any], add_row: Callable[[], Any]) -> bool:
    """Whether looking takes as many statements with three rows as with one; the first look, which warms up, is free."""
    costs = []
    for rows in (1, 2):
        for _ in range(rows):
            add_row()
        look()
        with CaptureQueriesContext(connection) as asked:
            look()
        costs.append(len(asked))
    return costs[0] == costs[1]


def save_sheet(
    file: Path, rows: Sequence[Mapping[str, object]], **more: Sequence[Mapping[str, object]]
) -> Path:
    """An .xlsx whose first sheet has a row a mapping, headings first; further sheets by their name."""
    book = Workbook()
    for title, content in {"Sheet1": rows, **more}.items():
        worksheet = book.create_sheet(title)
        headings = list(dict.fromkeys(heading for row in content for heading in row))
        worksheet.append(headings)
        for row in content:
            worksheet.append([row.get(heading) for heading in headings])
    del book["Sheet"]
    book.save(file)
    return file


def read_rows(file: Path) -> list[tuple[object, ...]]:
    """The cells of a small .xlsx, row by row."""
    return [tuple(row) for row in load_workbook(file).worksheets[0].iter_rows(values_only=True)]


def run(command: str, *arguments: object) -> str:
    """What a command prints; CommandError (exit code 1) passes through."""
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def draft(town: Division, month: str = "2025-03") -> Settlement:
    """Settle one town's month as the system does; the settlement as it is now stored."""
    parsed = Month.parse(month)
    settle(by=User.objects.system(), month=parsed, towns=[town])
    return Settlement.objects.select_related("town").get(town=town, month=parsed.first)


def freeze(settlement: Settlement, *, maker: User, checker: User) -> Settlement:
    """Assessed by the town and approved by the county."""
    assess_settlement(by=maker, settlement=settlement, assessment="已核对")
    approve_settlement(by=checker, settlement=settlement)
    return Settlement.objects.select_related("town").get(pk=settlement.pk)
