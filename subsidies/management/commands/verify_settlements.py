"""verify_settlements: the invariants of public money, checked by reading; writes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidies.models import Settlement
from subsidies.verifying import CHECKS, verify

MOST_TOLD = 20


class Command(BaseCommand):
    help = (
        "Check all settlements by reading: sums, digests, rates, whom and what is paid, reversals, who approved. "
        "Non-zero when one is wrong. That a visit is paid once the database holds by its key."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        faults = verify()
        for fault in faults[:MOST_TOLD]:
            self.stderr.write(f"{fault.what}：{fault.where}")
        if faults:
            told = f"，上面是前 {MOST_TOLD} 处" if len(faults) > MOST_TOLD else ""
            raise CommandError(f"有 {len(faults)} 处不对{told}。请不要发放，联系系统管理员和审计人员。")
        count = Settlement.objects.count()
        self.stdout.write(f"{count} 份结算，{len(CHECKS) + 1} 项检查，都对。")
