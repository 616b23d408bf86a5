"""classify: NDJSON facts on stdin, NDJSON verdicts on stdout; needs no database."""

import json
import sys
from typing import Any

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
        for line in sys.stdin:
            if not line.strip():
                continue
            identity = None
            try:
                said = json.loads(line)
                identity = said.get("id") if isinstance(said, dict) else None
                answer = {"id": identity, **verdict_json(classify(parse_facts(said), policy))}
            except json.JSONDecodeError as error:
                bad, answer = bad + 1, {"id": None, "error": f"不是 JSON：第 {error.colno} 个字符附近写错了"}
            except FactsError as error:
                bad, answer = bad + 1, {"id": identity, "error": str(error)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if bad:
            self.stderr.write(f"{bad} 行没有判定，见各行的 error")
            sys.exit(1)
