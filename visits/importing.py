"""Import of the older mini-program's visits (contracts.md, *Visits*)."""

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.utils import timezone

from elders.models import Elder
from visitcare.kit.cells import CellError, read_choice, read_moment, required
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_id_number, parse_mobile
from visitcare.kit.sheets import Cell, Column, Row, Table
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.importing import FieldChange, Importer, RowRefused, Taken
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.actions import Intake, Record, VisitConflict, VisitRefused
from visits.actions.reviewing import record_reviews
from visits.models import Flag, Mode, Outcome, Review, Visit, VisitedElder

MODES = {label: value for value, label in Mode.choices}
OUTCOMES = {label: value for value, label in Outcome.choices}
REVIEWS = {"有效": Visit.State.VALID, "无效": Visit.State.INVALID}
NOTES = {
    "健康情况": "health",
    "居住安全": "safety",
    "家庭赡养": "family",
    "生活困难": "livelihood",
    "服务需求": "needs",
    "备注": "remark",
}
REVIEWED = "导入时已审核"
NAMESPACE = UUID("7a1d5c0e-0d7b-5f0a-9c57-3206810b3a11")
"""For the UUIDv5 of a record that has none: worker, elders, mode and time make it."""


class VisitImporter(Importer):
    noun = "探访记录"
    makes = Visit
    parts = (VisitedElder, Flag, Review)
    columns = (
        Column("记录编号"),
        Column("网格员手机号", required=True),
        Column("老人身份证号码", required=True),
        Column("探访方式", required=True),
        Column("探访时间", required=True),
        Column("录入时间"),
        Column("结果", required=True),
        *(Column(heading) for heading in NOTES),
        Column("审核"),
    )
    cells: ClassVar = {
        "记录编号": Cell("", "旧系统的编号（UUID）；空着由系统编号。"),
        "网格员手机号": Cell("19900012347", "11 位，写成文本。"),
        "老人身份证号码": Cell("320699195005010024", "18 位，写成文本；同一户几位老人，用顿号隔开。"),
        "探访方式": Cell("上门", choices=MODES),
        "探访时间": Cell("2026-10-15 09:30", "日期和时间。", kind="datetime"),
        "录入时间": Cell("2026-10-15 09:35", "空着就和探访时间一样。", kind="datetime"),
        "结果": Cell("见到本人", choices=OUTCOMES),
        **dict.fromkeys(NOTES, Cell("正常", "看到、问到的情况。")),
        "审核": Cell("有效", "旧系统已经审核过的才写，而且要有审核的权限。", REVIEWS),
    }

    def prepare(self, table: Table) -> None:
        self.today = today()
        self.now = timezone.now()
        self.workers: dict[str, User | None] = {}
        self.seen: dict[UUID, int] = {}
        self.reviewed: dict[str, list[UUID]] = {state: [] for state in REVIEWS.values()}
        self.elders = self._load_elders(table)
        self._look_around(table)

    def _look_around(self, table: Table) -> None:
        """What the checks need, once for the whole file. Rows that cannot be read here say so when they are taken."""
        self.intake = Intake(by=self.by, imported=True)
        moments, ids = [], []
        for row in table.rows:
            with suppress(RowRefused, CellError, PaperError):
                worker, elders = self._worker(row), self._elders(row)
                started_at = read_moment(row, "探访时间")
                if started_at:
                    moments.append(started_at)
                    ids.append(
                        self._id(row, worker, elders, self._chosen(row, "探访方式", MODES), started_at)
                    )
        if moments:
            self.intake.around.load(
                ids=ids,
                elders=[elder.pk for elder in self.elders.values()],
                workers=[worker for worker in self.workers.values() if worker],
                first=min(moments),
                last=max(moments),
            )

    def _load_elders(self, table: Table) -> dict[str, Elder]:
        """Everybody the file names, by blind index; a registered record beats a closed or drafted one, and for a file
        that was merged stands the one it went into."""
        wanted: set[str] = set()
        for row in table.rows:
            for text in _numbers(row):
                try:
                    wanted.add(blind_index("id_number", parse_id_number(text, today=self.today).number) or "")
                except PaperError:
                    continue  # its own row says so
        found: dict[str, Elder] = {}
        named = Elder.objects.filter(id_number_index__in=wanted)
        named = named.select_related("household", "merged_into__household")
        for elder in named.order_by("created_at"):
            index = elder.id_number_index or ""
            if index not in found or elder.status in Elder.REGISTERED:
                found[index] = elder.merged_into or elder
        return found

    def key(self, row: Row) -> str:
        return f"{row.text('探访时间')} {row.text('探访方式')}"

    def take(self, row: Row) -> Taken:
        worker = self._worker(row)
        elders = self._elders(row)
        mode = self._chosen(row, "探访方式", MODES)
        outcome = self._chosen(row, "结果", OUTCOMES)
        started_at = read_moment(row, "探访时间")
        if started_at is None:
            raise CellError("“探访时间”空着。请写成 2026-10-15 09:30 这样。")
        received_at = read_moment(row, "录入时间") or started_at
        if max(started_at, received_at) > self.now:
            raise RowRefused("探访时间或录入时间还没到。请核对日期。")
        if received_at < started_at:
            raise RowRefused(
                f"“录入时间”{received_at:%Y-%m-%d %H:%M} 早于探访时间 {started_at:%Y-%m-%d %H:%M}。请核对日期。"
            )
        review = self._review(row, worker, elders)
        visit_id = self._id(row, worker, elders, mode, started_at)
        if visit_id in self.seen:
            raise RowRefused(f"和第 {self.seen[visit_id]} 行是同一条记录（编号相同）。请删掉一行。")
        self.seen[visit_id] = row.number
        try:
            logged = self.intake.take(
                Record(
                    id=visit_id,
                    worker=worker,
                    elders=tuple(elder.pk for elder in elders),
                    mode=mode,
                    outcome=outcome,
                    started_at=started_at,
                    received_at=received_at,
                    notes={name: row.text(heading) for heading, name in NOTES.items() if row.text(heading)},
                )
            )
        except (VisitRefused, VisitConflict, NotAllowed) as refusal:
            raise RowRefused(str(refusal)) from refusal
        if logged.created:
            if review:
                self.reviewed[review].append(visit_id)
            return Taken("new")
        return self._again(logged.visit, review, received_at)

    def _again(self, visit: Visit, review: str | None, received_at: datetime) -> Taken:
        """A known record. What was decided here stands; what an earlier import decided may be decided anew."""
        if visit.received_at != received_at:
            return Taken("warning", "录入时间和已导入的不同，没有改")
        if review in (None, visit.state):
            return Taken("unchanged")
        if visit.state == Visit.State.PENDING or visit.review_reason == REVIEWED:
            self.reviewed[str(review)].append(visit.pk)
            return Taken("changed", str(FieldChange(Visit, "state", visit.state, review)))
        return Taken("warning", f"在这里已经审核为“{visit.get_state_display()}”，没有按表格改")

    def made(self) -> list[UUID]:
        return [visit.pk for visit in self.intake.visits]

    def finish(self) -> Mapping[int, str]:
        self.intake.store()
        for state, visits in self.reviewed.items():
            record_reviews(by=self.by, visits=visits, state=state, reason=REVIEWED)
        return {}

    def _worker(self, row: Row) -> User:
        mobile = parse_mobile(row.cells["网格员手机号"])
        if mobile not in self.workers:
            self.workers[mobile] = User.objects.filter(mobile_index=blind_index("mobile", mobile)).first()
        worker = self.workers[mobile]
        if worker is None:
            raise RowRefused("没有这个手机号的探访人员。请先导入探访人员，或核对手机号。")
        return worker

    def _elders(self, row: Row) -> list[Elder]:
        required(row, "老人身份证号码")
        elders = []
        for text in _numbers(row):
            index = blind_index("id_number", parse_id_number(text, today=self.today).number) or ""
            if index not in self.elders:
                raise RowRefused("老人身份证号码不在册。请先导入老人，或核对号码。")
            elders.append(self.elders[index])
        return elders

    def _review(self, row: Row, worker: User, elders: list[Elder]) -> str | None:
        """Whoever imports a decision must be one who may make it, and not on visits of their own."""
        review = read_choice(row, "审核", REVIEWS)
        may = self.by.may(Right.REVIEW_VISIT, elders[0].household.place_id) and worker != self.by
        if review and not may:
            raise RowRefused("您没有审核的权限，“审核”一列请空着。")
        return review

    def _chosen(self, row: Row, heading: str, choices: dict[str, str]) -> str:
        required(row, heading)
        return read_choice(row, heading, choices) or ""

    def _id(self, row: Row, worker: User, elders: list[Elder], mode: str, started_at: datetime) -> UUID:
        text = row.text("记录编号")
        if not text:
            people = ",".join(sorted(str(elder.pk) for elder in elders))
            return uuid.uuid5(NAMESPACE, f"{worker.pk}|{people}|{mode}|{started_at.isoformat()}")
        try:
            return UUID(text)
        except ValueError:
            raise CellError(f"“记录编号”写的是“{text}”，不是 UUID。可以空着，由系统编号。") from None


def _numbers(row: Row) -> list[object]:
    """The ID numbers of a cell: one, or several with 、 between them; a number stays what Excel made of it."""
    raw = row.cells["老人身份证号码"]
    return [part for part in re.split(r"[、，,;；\s]+", raw) if part] if isinstance(raw, str) else [raw]
