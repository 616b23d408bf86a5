"""From empty tables to the pay list by commands alone: files of our own making, and what domain.md says of each row.

Every visit below stands with the answer it must get: paid, or the one reason why not.
"""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client

from elders.models import Elder, Household
from tests.desk import Desk
from tests.factories import id_number, read_rows, run, save_sheet
from visitcare import postgres
from visitcare.org.accounts import find_account
from visitcare.org.models import User
from visitcare.org.roles import Role

HUILONG, NANYANG = "320681100", "320681101"
NEAR, FAR = "320681100001", "320681101001"
"""A village of each town, as the shipped file has them."""

PAID, ELSEWHEN = "paid", "another month"


@dataclass(frozen=True)
class Person:
    name: str
    born: date
    number: str


def person(name: str, born: date) -> Person:
    return Person(name, born, id_number(born))


WANG, LI = person("王德明", date(1941, 5, 1)), person("李秀英", date(1944, 3, 2))
HUANG = person("黄玉珍", date(1950, 1, 20))
CHEN = person("陈阿大", date(1946, 10, 12))
SHI = person("施汉清", date(1955, 7, 7))
LU, LU_WIFE = person("陆伯生", date(1950, 2, 2)), person("陆美芳", date(1952, 8, 8))
ZHU = person("朱素珍", date(1956, 6, 6))
YU = person("俞大年", date(1948, 4, 4))
SHEN = person("沈志芳", date(1954, 9, 9))
NI = person("倪健康", date(1960, 3, 3))
GONG = person("龚后来", date(1949, 12, 1))
ZHANG = person("张老太", date(1950, 11, 11))
TANG = person("汤远", date(1951, 1, 1))

PASSWORD = "long enough 2026"
WANG_PHONE, WANG_SON_PHONE = "19900070001", "19900070002"

NOTHING_WRONG = {"能力程度": "能力完好", "失智": "否", "残疾等级": "无", "计划生育特殊家庭": "否", "长期照料失能子女": "否"}  # fmt: skip

ELDERS = [
    (WANG, "01", {"居住状况*": "双老同住", "联系电话": WANG_PHONE, "紧急联系人电话": WANG_SON_PHONE}),
    (LI, "01", {"居住状况*": "双老同住"}),
    (HUANG, "", {}),
    (CHEN, "", {}),
    (SHI, "", {"残疾等级": "一级"}),
    (LU, "05", {"居住状况*": "双老同住", "能力程度": "中度失能", "能力评分": 60, "无法言语或听力": "是"}),
    (LU_WIFE, "05", {"居住状况*": "双老同住", "无法言语或听力": "否"}),
    (ZHU, "", {"居住状况*": "与家人同住", "长期照料失能子女": "是"}),
    (YU, "", {"经济情况": "低保、居民养老保险", "能力程度": "轻度失能", "能力评分": 70}),
    (SHEN, "", {"计划生育特殊家庭": "是"}),
    (NI, "", {"居住状况*": "与家人同住"}),
    (GONG, "", {"登记日期*": "2026-10-14"}),
    (ZHANG, "88", {}),
    (TANG, "", {"村(社区)代码*": FAR}),
]
CLASSES = {
    WANG: ("A类", "A1"), LI: ("A类", "A1"), HUANG: ("C类", "C"), CHEN: ("A类", "A1"), SHI: ("B类", "B1"),
    LU: ("B类", "B2"), LU_WIFE: ("B类", "B2"), ZHU: ("B类", "B3"), YU: ("A类", "A2"), SHEN: ("A类", "A3"),
    GONG: ("C类", "C"), ZHANG: ("C类", "C"), TANG: ("C类", "C"),
}  # fmt: skip
"""On 31 October. 倪健康 is in no category; 陈阿大 turned 80 on Monday the 12th, which counts from the 19th on."""

WORKER, SECOND, CADRE, NEW = "19900060001", "19900060002", "19900060003", "19900060004"
WORKERS = {
    WORKER: person("张网格", date(1962, 1, 1)),
    SECOND: person("李两头", date(1963, 2, 2)),
    CADRE: person("赵干部", date(1970, 3, 3)),
    NEW: person("周新来", date(1975, 4, 4)),
}
CARDS = {WORKER: "6217000000000000012", SECOND: "6217000000000000020", NEW: "6217000000000000038"}
POSTINGS = [
    (WORKER, NEAR, "1组", "网格员", "2024-01-01", "88"),
    (SECOND, NEAR, "第2组", "网格员", None, None),
    (SECOND, FAR, 1, "网格员", "2024-01-01", None),
    (CADRE, NEAR, None, "村干部", None, None),
    (NEW, NEAR, "3", "网格员", "2026-10-15", None),
]

VISITS = [
    # a couple is one contact, and a day has one of each kind
    (WORKER, [WANG, LI], "上门", "2026-10-05 09:00", None, "见到本人", "有效", PAID),
    (WORKER, [WANG, LI], "电话", "2026-10-06 10:00", None, "本人接听", "有效", PAID),
    (WORKER, [LI], "视频", "2026-10-06 16:00", None, "本人接听", "有效", "second_contact"),
    # a record that is excluded for an earlier reason makes no other a second contact
    (NEW, [WANG], "上门", "2026-10-05 08:00", None, "见到本人", "有效", "worker_not_payable"),
    (SECOND, [HUANG], "电话", "2026-10-07 09:00", None, "无人接听", "有效", "not_countable"),
    (SECOND, [HUANG], "电话", "2026-10-07 09:30", None, "本人接听", "有效", PAID),
    (WORKER, [HUANG], "电话", "2026-10-08 09:00", None, "本人接听", None, "pending"),
    (WORKER, [HUANG], "电话", "2026-10-08 10:00", None, "本人接听", "有效", PAID),
    (WORKER, [HUANG], "电话", "2026-10-09 09:00", None, "本人接听", "无效", "invalid"),
    # before the file exists, on its first day, and where there is none in scope
    (WORKER, [GONG], "上门", "2026-10-13 09:00", None, "见到本人", "有效", "elder_not_active"),
    (WORKER, [GONG], "上门", "2026-10-14 09:00", None, "见到本人", "有效", PAID),
    (WORKER, [NI], "电话", "2026-10-13 09:00", None, "本人接听", "有效", "elder_not_active"),
    # the end of timely entry: Monday 24:00 after the week
    (WORKER, [SHI], "上门", "2026-10-11 23:59", "2026-10-12 23:59", "见到本人", "有效", PAID),
    (WORKER, [SHI], "上门", "2026-10-18 09:00", "2026-10-20 00:00", "见到本人", "有效", "late"),
    # who went
    (WORKER, [ZHANG], "上门", "2026-10-10 09:00", None, "见到本人", "有效", "own_household"),
    (CADRE, [YU], "上门", "2026-10-12 09:00", None, "见到本人", "有效", "worker_not_payable"),
    (WORKER, [YU], "上门", "2026-10-12 10:00", None, "见到本人", "有效", PAID),
    (NEW, [SHEN], "上门", "2026-10-14 09:00", None, "见到本人", "有效", "worker_not_payable"),
    (NEW, [SHEN], "上门", "2026-10-15 09:00", None, "见到本人", "有效", PAID),
    # a family member's answer
    (WORKER, [LU], "电话", "2026-10-13 10:00", None, "家属代答", "有效", PAID),
    (WORKER, [LU_WIFE], "电话", "2026-10-14 10:00", None, "家属代答", "有效", "not_countable"),
    (WORKER, [LU, LU_WIFE], "电话", "2026-10-15 10:00", None, "家属代答", "有效", PAID),
    # of two at one moment the one that arrived first
    (WORKER, [ZHU], "上门", "2026-10-22 09:00", "2026-10-22 10:00", "见到本人", "有效", "second_contact"),
    (SECOND, [ZHU], "上门", "2026-10-22 09:00", "2026-10-22 09:30", "见到本人", "有效", PAID),
    # the elder's town pays, wherever the worker is posted
    (SECOND, [TANG], "上门", "2026-10-20 09:00", None, "见到本人", "有效", PAID),
    (WORKER, [TANG], "上门", "2026-10-21 09:00", None, "见到本人", "有效", PAID),
    (WORKER, [TANG], "电话", "2026-10-21 10:00", None, "谢绝", None, "pending"),
    # the edges of the month, in Shanghai
    (WORKER, [HUANG], "电话", "2026-09-30 23:59", None, "本人接听", "有效", ELSEWHEN),
    (WORKER, [HUANG], "电话", "2026-10-01 00:00", None, "本人接听", "有效", PAID),
    (WORKER, [CHEN], "电话", "2026-10-31 23:59", "2026-11-02 08:00", "本人接听", "有效", PAID),
    (WORKER, [CHEN], "电话", "2026-11-01 00:00", "2026-11-02 08:00", "本人接听", "有效", ELSEWHEN),
]  # fmt: skip


def elder_rows() -> list[dict[str, object]]:
    plain = {
        "村(社区)代码*": NEAR,
        "村民小组": 1,
        "居住状况*": "独居",
        "探访意愿*": "愿意",
        "登记日期*": "2026-09-07",
    }
    return [
        {"户编号": household, "姓名*": one.name, "居民身份证号码*": one.number, **plain, **NOTHING_WRONG, **said}
        for one, household, said in ELDERS
    ]  # fmt: skip


def worker_rows() -> list[dict[str, object]]:
    return [
        {
            "姓名*": WORKERS[mobile].name, "手机号*": mobile, "居民身份证号码": WORKERS[mobile].number,
            "村(社区)代码*": village, "村民小组": group, "角色": role, "计酬": "是", "起始日期": since,
            "开户银行": "启东农村商业银行", "卡号": CARDS.get(mobile), "户编号": own,
        }
        for mobile, village, group, role, since, own in POSTINGS
    ]  # fmt: skip


def visit_rows() -> list[dict[str, object]]:
    return [
        {
            "网格员手机号*": mobile, "老人身份证号码*": "、".join(one.number for one in elders), "探访方式*": mode,
            "探访时间*": at, "录入时间": received, "结果*": outcome, "审核": review,
        }
        for mobile, elders, mode, at, received, outcome, review, _ in VISITS
    ]  # fmt: skip


def town_of(elders: list[Person]) -> str:
    return NANYANG if elders == [TANG] else HUILONG


@pytest.fixture
def imported(db: None, tmp_path: Path) -> list[str]:
    """The three files loaded by the commands, and what these said."""
    run("load_divisions", settings.BASE_DIR / "visitcare/console/data/divisions_320681_qidong.csv")
    return load(tmp_path)


def load(folder: Path) -> list[str]:
    files = {"workers": worker_rows(), "elders": elder_rows(), "visits": visit_rows()}
    said = []
    for name, rows in files.items():
        file = save_sheet(folder / f"{name}.xlsx", rows)
        said.append(run(f"import_{name}", file, *(["--approve"] if name == "elders" else [])))
    return said


def settled() -> dict[str, object]:
    towns = json.loads(run("settle", "2026-10", "--json"))["towns"]
    return {town: said for town, said in towns.items() if said["visits"]}


def test_chain_pays_or_explains_every_visit(imported: list[str]) -> None:
    expected = {}
    for town in (HUILONG, NANYANG):
        answers = Counter(answer for _, elders, *_, answer in VISITS if town_of(elders) == town)
        del answers[ELSEWHEN]
        paid = answers.pop(PAID)
        expected[town] = {
            "visits": paid + answers.total(),
            "paid": paid,
            "excluded": dict(answers),
            "total": str(paid * Decimal("3.50")),
        }
    assert settled() == expected
    assert [expected[HUILONG]["total"], expected[NANYANG]["total"]] == ["45.50", "7.00"]


def test_chain_writes_the_pay_list_of_each_town(imported: list[str], tmp_path: Path) -> None:
    settled()
    for town, places in (
        (HUILONG, {WORKER: "1组", SECOND: "2组", NEW: "3组"}),
        (NANYANG, {WORKER: None, SECOND: "1组"}),
    ):
        out = tmp_path / f"{town}.xlsx"
        run("export_sheet", "roster", "--month", "2026-10", "--town", town, "--out", out)
        rows = read_rows(out)
        head = next(at for at, row in enumerate(rows) if "姓名" in row)
        lines = [
            dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if isinstance(row[0], int)
        ]
        paid = Counter(
            (mobile, mode == "上门") for mobile, elders, mode, *_, answer in VISITS
            if answer == PAID and town_of(elders) == town
        )  # fmt: skip
        assert {str(line["联系电话"]) for line in lines} == set(places) == {mobile for mobile, _ in paid}
        for line in lines:
            mobile = str(line["联系电话"])
            home, greeting = paid[mobile, True], paid[mobile, False]
            assert (line["姓名"], line["身份证号码"]) == (WORKERS[mobile].name, WORKERS[mobile].number)
            assert (line["开户银行"], line["卡号"]) == ("启东农村商业银行", CARDS[mobile])
            assert (line["上门次数"], line["电话(视频)次数"], line["合计次数"]) == (
                home,
                greeting,
                home + greeting,
            )
            assert (line["标准(元/次)"], line["金额(元)"]) == (3.5, 3.5 * (home + greeting))
            assert str(line["村(居)/组"]).endswith(places[mobile] or "1组")


def test_chain_classes_on_the_last_day_of_the_month(imported: list[str], tmp_path: Path) -> None:
    out = tmp_path / "classes.xlsx"
    run("export_sheet", "classes", "--month", "2026-10", "--town", HUILONG, "--out", out)
    head, *rows = read_rows(out)
    found = [dict(zip(head, row, strict=True)) for row in rows]
    told = {line["居民身份证号码"]: (line["类别"], line["依据"]) for line in found}
    assert told == {one.number: said for one, said in CLASSES.items() if one != TANG}


def test_chain_again_changes_nothing(imported: list[str], tmp_path: Path) -> None:
    assert [said.splitlines()[-1] for said in imported] == [
        "探访人员 5 行（已存）：新增 4 行（其中提醒 1 行），有变化 1 行",
        "老人 14 行（已存）：新增 14 行（其中提醒 1 行）",
        f"探访记录 {len(VISITS)} 行（已存）：新增 {len(VISITS)} 行",
    ]
    before, out = settled(), tmp_path / "roster.xlsx"
    run("export_sheet", "roster", "--month", "2026-10", "--out", out)
    content = out.read_bytes()
    assert [said.splitlines()[-1] for said in load(tmp_path)] == [
        "探访人员 5 行（已存）：无变化 5 行（其中提醒 1 行）",
        "老人 14 行（已存）：无变化 14 行",
        f"探访记录 {len(VISITS)} 行（已存）：无变化 {len(VISITS)} 行",
    ]
    assert settled() == before
    run("export_sheet", "roster", "--month", "2026-10", "--out", out)
    assert out.read_bytes() == content


def numbers_of_people() -> set[str]:
    people = [*WORKERS.values(), *(one for one, _, _ in ELDERS)]
    return {*WORKERS, *CARDS.values(), *(one.number for one in people), WANG_PHONE, WANG_SON_PHONE}


def dump() -> str:
    """The whole database as a backup holds it."""
    (program, *_) = [
        found for folder in postgres._folders_of_binaries() if (found := folder / "pg_dump").exists()
    ]
    params = connection.get_connection_params()
    env = {
        name: str(params[key])
        for name, key in {
            "PGHOST": "host",
            "PGPORT": "port",
            "PGUSER": "user",
            "PGPASSWORD": "password",
        }.items()
        if params.get(key)
    }
    done = subprocess.run([program, params["dbname"]], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def server_log() -> str:
    """What the embedded server has noted; another keeps its log where the tests cannot read it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        log = Path(cursor.fetchone()[0]) / "server.log"
    return log.read_text() if log.exists() else ""


def make_head() -> User:
    head = User.objects.create(login="head", name="季海峰", mobile="19900080001")
    head.postings.create(role=Role.TOWN_HEAD, place_id=HUILONG, starts_on=date(2024, 1, 1))
    return head


def use_the_pages(desk: Desk, phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Type numbers wherever numbers are typed; some of it fails, and one page breaks."""
    for password in ("wrong", PASSWORD):
        phone.post("/login/", {"username": WORKER, "password": password})
    worker = find_account(WORKER)
    assert worker
    assert phone.session["_auth_user_id"] == str(worker.pk)
    elder, home = Elder.objects.get(name=WANG.name), Household.objects.filter(elders__name=HUANG.name).get()
    assert desk.found("elders.elder", WANG.number) == [elder]
    assert desk.found("org.user", WORKER) == [worker]
    assert desk.found("audit.event", WANG_PHONE) == []
    assert desk.press(elder, "reveal", what="id_number", reason="核对身份证") == []
    assert desk.press(home, "add_elder", name="王德明", id_number=WANG.number, phone=WANG_PHONE) != []
    assert desk.add("org.user", name="周新来", mobile=NEW, login=NEW) != []
    desk.client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("elders.admin.elders.ElderAdmin.search", lambda *_: 1 / 0)
        assert desk.client.get(desk.search("elders.elder", WANG.number)).status_code == 500
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE org_user SET login = '{WANG.number}', name = NULL")


@pytest.mark.django_db(transaction=True)
def test_chain_leaves_no_number_in_plain(
    imported: list[str],
    client: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    noted_before = len(server_log())
    settled()
    run("export_sheet", "roster", "--month", "2026-10", "--out", tmp_path / "roster.xlsx")
    worker = find_account(WORKER)
    assert worker
    worker.set_password(PASSWORD)
    worker.save()
    use_the_pages(Desk(make_head()), client, monkeypatch)
    kept = {"dump": dump(), "log": caplog.text, "server's log": server_log()[noted_before:]}
    assert WANG.name in kept["dump"]
    assert "ZeroDivisionError" in kept["log"]
    assert "ERROR" in kept["server's log"] or not server_log()
    assert [
        (where, number) for where, text in kept.items() for number in numbers_of_people() if number in text
    ] == []
