"""The kinds of sheets that can be imported on screen. Another one is a line here."""

from elders.deaths import DeathImporter
from elders.importing import ElderImporter, MemberImporter
from visitcare.org.importing import Kind, Option
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.org.workers import WorkerImporter
from visits.importing import VisitImporter

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "elders",
            "老人（和家庭成员）",
            ElderImporter,
            Right.REGISTER_ELDER,
            (Option("approve", "同时批准，从登记日期起列入探访", Right.APPROVE_ELDER),),
        ),
        Kind("members", "家庭成员", MemberImporter, Right.REGISTER_ELDER),
        Kind("deaths", "死亡名单", DeathImporter, Right.APPROVE_ELDER),
        Kind("workers", "探访人员", WorkerImporter, Right.KEEP_WORKERS),
        Kind("visits", "探访记录（旧系统的）", VisitImporter, Right.REVIEW_VISIT),
    )
}


def kinds_of(user: User) -> list[Kind]:
    """What this person may import."""
    return [kind for kind in KINDS.values() if kind.open_to(user)]
