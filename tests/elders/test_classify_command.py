import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
LINE: dict[str, Any] = {
    "id": "E1",
    "as_of": "2026-10-31",
    "birth_date": "1940-05-06",
    "living": "alone",
    "child_location": "elsewhere",
}


class Run:
    """What the command said to the lines, and how it ended."""

    def __init__(self, patch: pytest.MonkeyPatch, *lines: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        try:
            call_command("classify", stdout=out, stderr=err)
            self.status: Any = 0
        except SystemExit as end:
            self.status = end.code
        self.answers = [json.loads(line) for line in out.getvalue().splitlines()]
        self.complaint = err.getvalue()


@pytest.mark.parametrize(
    "identity",
    ["E1", "", "马凤英", 7, -1, 1.5, 12345678901234567890, True, False, None, ["a", 1], {"row": 3}],
)
def test_classify_echoes_an_id_of_any_type(identity: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, json.dumps(LINE | {"id": identity}))
    assert (run.status, run.complaint) == (0, "")
    assert repr(run.answers[0]["id"]) == repr(identity)
    assert run.answers[0]["risk_class"] == "A"


def test_classify_without_an_id_answers_null(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, json.dumps({key: value for key, value in LINE.items() if key != "id"}))
    assert (run.answers[0]["id"], run.answers[0]["risk_class"]) == (None, "A")


def test_classify_goes_on_after_lines_that_are_not_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(
        monkeypatch,
        json.dumps(LINE),
        "{没有引号: 1}",
        json.dumps(LINE | {"id": [2], "living": "独居"}),
        '"alone"',
        "",
        json.dumps(LINE | {"id": 3, "birth_date": "1990-01-01"}),
    )
    assert run.answers[1:4] == [
        {"id": None, "error": "不是 JSON：第 2 个字符附近写错了"},
        {
            "id": [2],
            "error": "living：'独居' 不认识，要写 alone、elders_only、institution、with_dependent_child、with_family",
        },
        {"id": None, "error": "每行要是一个 JSON 对象"},
    ]
    assert [(answer["id"], answer.get("risk_class")) for answer in (run.answers[0], run.answers[4])] == [
        ("E1", "A"),
        (3, None),
    ]
    assert len(run.answers) == 5
    assert (run.status, run.complaint) == (1, "3 行没有判定，见各行的 error\n")


def test_classify_of_nothing_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    assert (run.status, run.answers, run.complaint) == (0, [], "")


def test_classify_needs_no_database() -> None:
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "manage.py", "classify"],
        input=json.dumps(LINE, ensure_ascii=False) + "\n{}\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | nowhere,
        check=False,
    )
    verdict, error = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, verdict["risk_class"]) == (1, "A")
    assert error == {"id": None, "error": "as_of：缺少，要写成 2026-10-31 这样"}
    assert done.stderr == "1 行没有判定，见各行的 error\n"
