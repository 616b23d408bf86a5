"""A made-up county in a scratch database, written by COPY: towns of 2,500 elders and 150 workers, with a year of visits."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection

from elders.models import ActivePeriod, ClassPeriod, Consent, Elder, Household, RegistrationForm, Residence
from visitcare.kit.copying import copy_rows
from visitcare.kit.encryption import blind_index, keyring, tail_index
from visitcare.kit.identity import check_digit
from visitcare.kit.keys import RANDOM_BITS
from visitcare.kit.weeks import SHANGHAI, Month
from visitcare.org.models import Division, Posting, User
from visits.models import Visit, VisitedElder

COUNTY = "320699"
VILLAGES, GROUPS = 15, 10
HOUSEHOLDS = 14
"""Of a group; every fifth is a couple: 2,520 elders a town."""
SINCE = date(2024, 1, 8)
LONG_AGO = datetime(2024, 1, 8, tzinfo=SHANGHAI)
VERDICTS = {letter: f'{{"risk_class": "{letter}"}}' for letter in "ABC"}
CONTACTS = 12
"""Of a household in the month that is settled."""
YEAR = 12
"""Months before that one, each with the same visits; of the earliest only a quarter."""
SURNAMES, GIVEN = "陈黄陆施顾沈张徐朱倪王李袁龚蔡季茅樊汤杨", "秀桂玉凤兰惠美彩素月英珍芳芬琴娥妹华云仙"
WAITING = 200
"""Of the month's visits wait for review, at most."""

KEY_OF = """
encode(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(
    (extract(epoch FROM started_at - %(ago)s::interval) * 1000)::bigint) FROM 3) FROM 1), 'hex')::uuid
"""
"""In SQL the key of a visit that was `ago` earlier, as `_key_of` makes it."""


BOOKS = """
INSERT INTO subsidies_settlement (id, town_code, town_name, month, state, rate, policy_version, visit_count, paid_count,
    total, other_unit_total, drafted_at, assessed_by_id, assessed_at, assessment, approved_by_id, approved_at, sent_back,
    digest)
SELECT gen_random_uuid(), d.code, d.name, month, 'closed', 3.50, '2024-01-01', 0, 0, 0, 0, after, %(maker)s, after, '已核对',
    %(checker)s, after, '', repeat('0', 64)
FROM org_division d, generate_series(1, 11) ago,
    LATERAL (SELECT (%(month)s::date - ago * interval '1 month')::date AS month) m,
    LATERAL (SELECT month + interval '1 month 2 days' AS after) a
WHERE d.level = 'town';
ANALYZE subsidies_settlement;
CREATE TEMP TABLE settled AS SELECT v.*, s.id AS settlement FROM visits_visit v JOIN subsidies_settlement s
    ON s.town_code = left(v.village_code, 9)
    AND s.month = date_trunc('month', v.started_at AT TIME ZONE 'Asia/Shanghai')::date;
INSERT INTO subsidies_line (id, settlement_id, worker_id, place_code, place_words, payee_name, payee_id_number,
    payee_mobile, bank, card, home_count, greeting_count, beyond_minimum, amount, remark)
SELECT gen_random_uuid(), settlement, worker_id, '', '', '陆桂芳', '', '', '', '', 0, 0, 0, 0, ''
FROM settled GROUP BY settlement, worker_id;
ANALYZE subsidies_line;
ANALYZE settled;
INSERT INTO subsidies_paidvisit (visit_id, settlement_id, line_id, village_code, started_at, mode, risk_class, units,
    amount, beyond_minimum, late_report)
SELECT v.id, settlement, l.id, village_code, started_at, mode, 'C', 1, 3.50, FALSE, FALSE
FROM settled v JOIN subsidies_line l ON l.settlement_id = settlement AND l.worker_id = v.worker_id
WHERE outcome IN ('met', 'spoke') ORDER BY v.id;
INSERT INTO subsidies_unpaidvisit (settlement_id, visit_id, reason)
SELECT settlement, id, 'not_countable' FROM settled WHERE outcome NOT IN ('met', 'spoke') ORDER BY id;
DROP TABLE settled;
"""


@dataclass(frozen=True)
class Home:
    id: uuid.UUID
    place: str
    worker: uuid.UUID
    elders: tuple[uuid.UUID, ...]
    risk_class: str


def seed(towns: int) -> list[Home]:
    """Write the county and its registry, without a visit; return its households, town by town."""
    homes = seed_empty(towns)
    register(homes)
    return homes


def seed_empty(towns: int) -> list[Home]:
    """The county without its registry; the households that are still to be registered."""
    chance = random.Random(4)
    _divisions(towns)
    workers = _workers(towns)
    return [_home(chance, place, worker) for place, worker in workers.items() for _ in range(HOUSEHOLDS)]


def seed_month(homes: list[Home], month: Month, *, waiting: int = WAITING) -> None:
    """A month of visits, the first of which wait for review."""
    _visits(random.Random(len(homes)), homes, month, waiting)


def seed_year(month: Month) -> date:
    """What was visited in the month, again in each of the twelve months before; the first day of the earliest, of which
    there is only a quarter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # what the copies refer to was checked with the month
        for back in range(1, YEAR + 1):
            ago = f"{back} months"
            kept = "get_byte(uuid_send(id), 15) < 64" if back == YEAR else "TRUE"
            cursor.execute(
                f"""
                CREATE TEMP TABLE again AS SELECT id AS was, started_at - %(ago)s::interval AS at, {KEY_OF} AS id
                FROM visits_visit WHERE started_at >= %(begins)s AND {kept} ORDER BY started_at
                """,
                {"ago": ago, "begins": month.starts_at},
            )
            cursor.execute(
                """
                INSERT INTO visits_visit (id, household_id, village_code, worker_id, entered_by_id, mode, outcome, started_at,
                    received_at, notes, content_hash, state, flagged, imported, reviewed_by_id, reviewed_at, review_reason)
                SELECT again.id, household_id, village_code, worker_id, entered_by_id, mode, outcome,
                    started_at - %(ago)s::interval, received_at - %(ago)s::interval, notes, content_hash, 'valid', FALSE,
                    imported, entered_by_id, received_at - %(ago)s::interval, '' FROM again JOIN visits_visit v ON v.id = was ORDER BY at;
                INSERT INTO visits_visitedelder (visit_id, elder_id, started_at, countable)
                SELECT again.id, elder_id, started_at - %(ago)s::interval, countable
                FROM again JOIN visits_visitedelder ON visit_id = was ORDER BY at;
                DROP TABLE again
                """,
                {"ago": ago},
            )
        cursor.execute("SET session_replication_role = origin")
    return month.first - relativedelta(months=YEAR)


def seed_books(month: Month) -> None:
    """The eleven whole months before this one, settled and paid out: a payment for every visit that met somebody, a reason
    for every other."""
    checker = User.objects.system()
    maker = User.objects.exclude(pk=checker.pk)[0]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # frozen, they would take no row
        cursor.execute(BOOKS, {"month": month.first, "maker": maker.pk, "checker": checker.pk})
        cursor.execute("SET session_replication_role = origin")


def _key(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _key_of(chance: random.Random, at: datetime) -> uuid.UUID:
    """As a phone makes it: the time first."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << RANDOM_BITS | chance.getrandbits(RANDOM_BITS))


def _home(chance: random.Random, place: str, worker: uuid.UUID) -> Home:
    people = 2 if chance.random() < 0.2 else 1
    risk_class = chance.choices("ABC", weights=(3, 3, 4))[0]
    return Home(_key(chance), place, worker, tuple(_key(chance) for _ in range(people)), risk_class)


def _divisions(towns: int) -> None:
    def below(code: str, count: int, first: int) -> list[str]:
        return [f"{code}{first + number:03}" for number in range(count)]

    def write(codes: list[str], level: str, parent: int) -> None:
        rows = ((code, code[parent:], level, code[:parent] or None, code, True) for code in codes)
        copy_rows(Division, ("code", "name", "level", "parent", "path", "active"), rows)

    at_town = below(COUNTY, towns, 101)
    at_village = [code for town in at_town for code in below(town, VILLAGES, 201)]
    write([COUNTY], "county", 0)
    write(at_town, "town", 6)
    write(at_village, "village", 9)
    write([code for village in at_village for code in below(village, GROUPS, 1)], "group", 12)


def _workers(towns: int) -> dict[str, uuid.UUID]:
    """A grid worker for every group, by the group's code."""
    workers = {code: uuid.uuid4() for code in Division.objects.at("group").values_list("code", flat=True)}
    copy_rows(
        User,
        ("id", "login", "name", "password", "mobile", "id_number", "is_active", "must_change_password", "big_text",
         "joined_at"),
        ((key, code, "陆桂芳", "!", "", "", True, False, False, LONG_AGO) for code, key in workers.items()),
    )  # fmt: skip
    copy_rows(
        Posting,
        ("id", "user", "role", "place", "starts_on", "payable", "own_household", "registered_at"),
        (
            (uuid.uuid4(), key, "grid_worker", code, date(2024, 1, 1), True, "", LONG_AGO)
            for code, key in workers.items()
        ),
    )
    return workers


def register(homes: list[Home]) -> None:
    """Write some households with their elders, approved long ago."""
    system = User.objects.system().pk
    elders = [(home, elder) for home in homes for elder in home.elders]
    unsaid = ("age_friendly", "helping_other", "help_responsible", "help_measures")
    copy_rows(
        Household,
        ("id", "place", "number", "address", "created_at", *unsaid),
        ((home.id, home.place, "", "某路 1 号", LONG_AGO, *[""] * len(unsaid)) for home in homes),
    )
    _copy_people(elders, system)
    copy_rows(
        Residence, ("id", "elder", "household"), ((uuid.uuid4(), elder, home.id) for home, elder in elders)
    )
    copy_rows(
        Consent,
        ("id", "elder", "since", "kind", "reason", "signer", "signed_by", "staff_signed_by"),
        ((uuid.uuid4(), elder, SINCE, "full", "", "", "", "") for _, elder in elders),
    )
    copy_rows(
        ActivePeriod, ("id", "elder", "starts_on"), ((uuid.uuid4(), elder, SINCE) for _, elder in elders)
    )
    copy_rows(
        ClassPeriod,
        ("id", "elder", "starts_on", "risk_class", "codes", "verdict", "policy_version", "judged_on"),
        (
            (
                uuid.uuid4(),
                elder,
                SINCE,
                home.risk_class,
                "{A1}",
                VERDICTS[home.risk_class],
                date(2024, 1, 1),
                SINCE,
            )
            for home, elder in elders
        ),
    )


def name_of(number: int) -> str:
    """As common and as rare as names are: some hundred are borne by many."""
    return f"{SURNAMES[number % len(SURNAMES)]}{GIVEN[number // 7 % len(GIVEN)]}{GIVEN[number // 11 % len(GIVEN)]}"


def number_of(number: int) -> str:
    """An ID number nobody has, another for each; the first digits of a birth date repeat, as they do."""
    born = date(1930, 1, 1) + timedelta(days=number % 10_000)
    first17 = f"320699{born:%Y%m%d}{number // 10_000:03}"
    return first17 + check_digit(first17)


def _papers(count: int) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    """Of as many people more: name, kind of paper, sealed number and its two indexes."""
    first = Elder.objects.count()
    for serial in range(first, first + count):
        number = number_of(serial)
        indexes = blind_index("id_number", number), tail_index("id_number", number)
        yield name_of(serial), "id_card", keyring().encrypt(number), *indexes


def _copy_people(elders: list[tuple[Home, uuid.UUID]], system: uuid.UUID) -> None:
    blank = (
        "phone",
        "emergency_name",
        "emergency_sex",
        "emergency_phone",
        "disability_number",
        "hukou_address",
        "close_reason",
    )
    copy_rows(
        Elder,
        ("id", "household", "sex", "birth_date", "status", "created_at", "name", "paper_kind", "id_number",
         "id_number_index", "id_number_tail", *blank),
        (
            (elder, home.id, "female", date(1943, 5, 6), "active", LONG_AGO, *paper, *[""] * len(blank))
            for (home, elder), paper in zip(elders, list(_papers(len(elders))), strict=True)
        ),
    )  # fmt: skip
    known = {"living": "alone", "spouse_location": "none", "child_location": "none", "state": "approved"}
    blank = ("illness_words", "past_illnesses", "income_source", "illness_evidence", "decision_reason")
    copy_rows(
        RegistrationForm,
        ("id", "elder", "registered_on", "made_by", "decided_by", "decided_at", *known, *blank),
        (
            (uuid.uuid4(), elder, SINCE, system, system, LONG_AGO, *known.values(), *[""] * len(blank))
            for _, elder in elders
        ),
    )


def _visits(chance: random.Random, homes: list[Home], month: Month, waiting: int) -> None:
    visits = sorted(
        _made(chance, homes, month), key=lambda visit: visit[-1]
    )  # they lie in the order they came in
    copy_rows(
        Visit,
        ("id", "household", "village_code", "worker", "entered_by", "mode", "outcome", "started_at", "received_at",
         "notes", "content_hash", "state", "flagged", "imported", "reviewed_by", "reviewed_at", "review_reason"),
        (
            (key, home.id, home.place[:12], home.worker, home.worker, mode, outcome, at, at, "{}", "0" * 64,
             "pending" if number < waiting else "valid", False, False, home.worker, at, "")
            for number, (key, home, mode, outcome, at) in enumerate(visits)
        ),
    )  # fmt: skip
    copy_rows(
        VisitedElder,
        ("visit", "elder", "started_at", "countable"),
        (
            (key, elder, at, outcome in ("met", "spoke"))
            for key, home, _, outcome, at in visits
            for elder in home.elders
        ),
    )


def _made(
    chance: random.Random, homes: list[Home], month: Month
) -> Iterator[tuple[uuid.UUID, Home, str, str, Any]]:
    """(key, household, mode, outcome, time): home and phone by turns, every third day, one of twenty in vain."""
    for home in homes:
        for contact in range(CONTACTS):
            day = month.first + timedelta(days=contact * 27 // CONTACTS)
            at = datetime.combine(day, time(8), SHANGHAI) + timedelta(minutes=chance.randrange(600))
            mode = ("home", "phone")[contact % 2]
            outcome = ("met", "spoke")[contact % 2]
            if chance.random() < 0.05:
                outcome = ("not_home", "no_answer")[contact % 2]
            yield _key_of(chance, at), home, mode, outcome, at.astimezone(UTC)
