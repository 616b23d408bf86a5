"""classify: NDJSON facts on stdin, NDJSON verdicts on stdout; needs no database."""

import io
import json
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from elders.ndjson import FactsError, parse_facts, verdict_json
from elders.rules import classify
from visitcare.policy.rules import CarePolicy


class Command(BaseCommand):
    help = (
        "Classify elders: one JSON object of facts a line in, one verdict a line out (first policy version)."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **__: Any) -> None:
        policy, bad = CarePolicy(), 0
        if isinstance(
            sys.stdin, io.TextIOWrapper
        ):  # editors on Windows begin a file with a mark of its encoding
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
        for line in sys.stdin:
            if not line.strip():
                continue
            answer = _answer(line, policy)
            bad += "error" in answer
            self.stdout.write(_as_json(answer))
        if bad:
            self.stderr.write(f"{bad} 行没有判定，见各行的 error")
            sys.exit(1)


def _answer(line: str, policy: CarePolicy) -> dict[str, Any]:
    """The verdict on one line, or its error: whatever a line holds, the others go on."""
    identity = None
    try:
        said = json.loads(line, parse_constant=_refuse_constant)
        identity = said.get("id") if isinstance(said, dict) else None
        return {"id": identity, **verdict_json(classify(parse_facts(said), policy))}
    except json.JSONDecodeError as error:
        return {"id": None, "error": f"不是 JSON：第 {error.colno} 个字符附近写错了"}
    except FactsError as error:
        return {"id": identity, "error": str(error)}
    except (ValueError, RecursionError):
        return {"id": None, "error": "不是 JSON：数字太长，或者嵌套太深"}


def _refuse_constant(name: str) -> NoReturn:
    raise FactsError(f"不是 JSON：没有 {name} 这样的值")


def _as_json(answer: dict[str, Any]) -> str:
    """Chinese as it is; halves of characters, which no encoding can write, escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(answer)
    return text
