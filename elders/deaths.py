"""Import of the monthly death list 死亡名单: who on it is on the books, and is closed as of the day of death."""

from datetime import date
from typing import ClassVar

from elders.actions import close_elder
from elders.judging import JudgingImporter
from elders.models import ClassPeriod, Elder, HouseholdMember
from visitcare.kit.cells import read_date, required
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import IdNumber, parse_id_number
from visitcare.kit.sheets import Cell, Column, Row, Table
from visitcare.kit.weeks import today
from visitcare.org.importing import RowRefused, Taken
from visitcare.org.roles import Right

NOT_HERE = "不在册"


class DeathImporter(JudgingImporter):
    """The list names everybody who died in the county; most of them are not on the books, which is no mistake.

    Somebody whom the importer may not see is to them as if not registered. A family member's death is only told: what
    it means for the household's classes, a new registration form says.
    """

    noun = "死亡名单"
    rows_stand_alone = True
    columns = (
        Column("姓名", required=True),
        Column("居民身份证号码", required=True),
        Column("死亡日期", required=True),
    )
    cells: ClassVar = {
        "姓名": Cell("陆桂芳"),
        "居民身份证号码": Cell("320699195005010024", "18 位，写成文本，不要让表格变成数字。"),
        "死亡日期": Cell(date(2026, 10, 12), "去世的那一天，也是探访的最后一天。", kind="date"),
    }

    def prepare(self, table: Table) -> None:
        self.today = today()
        self.seen: dict[object, int] = {}

    def key(self, row: Row) -> str:
        return row.text("姓名")

    def take(self, row: Row) -> Taken:
        name = required(row, "姓名")
        required(row, "居民身份证号码")
        card = parse_id_number(row.cells["居民身份证号码"], today=self.today)
        died_on = read_date(row, "死亡日期")
        if died_on is None:
            raise RowRefused("“死亡日期”空着。请填去世的那一天。")
        if died_on > self.today:
            raise RowRefused(f"死亡日期 {died_on} 还没到。请核对。")
        if died_on < card.birth_date:
            raise RowRefused(f"死亡日期 {died_on} 早于出生日期 {card.birth_date}。请核对。")
        self._once_in_file(row, card.number, "是同一个证件号码")
        elder = self._elder(card)
        if elder is None:
            return self._no_elder(card)
        if elder.name != name:
            raise RowRefused(
                f"这个证件号码登记的是{elder.name}（{elder.household.place.path}），不是{name}。请核对是谁去世了。"
            )
        self._once_in_file(row, elder.pk, "是同一个人，档案并过")
        return self._close(elder, died_on)

    def _once_in_file(self, row: Row, what: object, words: str) -> None:
        if what in self.seen:
            raise RowRefused(f"和第 {self.seen[what]} 行{words}。请删掉一行。")
        self.seen[what] = row.number

    def _elder(self, card: IdNumber) -> Elder | None:
        """The record on the books, or else the latest that is not; for one that was merged, the one it went into."""
        files = Elder.objects.all() if self.by.is_system else Elder.objects.visible_to(self.by)
        mine = files.filter(id_number_index=blind_index("id_number", card.number))
        mine = mine.select_related("household__place", "merged_into__household__place").order_by(
            "-created_at"
        )
        found: Elder | None = mine.filter(status__in=Elder.REGISTERED).first() or mine.first()
        return (found.merged_into or found) if found else None

    def _no_elder(self, card: IdNumber) -> Taken:
        homes = (
            HouseholdMember.objects.all()
            if self.by.is_system
            else HouseholdMember.objects.visible_to(self.by)
        )
        member = (
            homes.filter(id_number_index=blind_index("id_number", card.number))
            .select_related("household__place")
            .first()
        )
        if member is None:
            return Taken("unchanged", NOT_HERE)
        return Taken(
            "warning",
            f"不是在册老人，是{member.household}的家庭成员。没有改动；同住的，请给这户老人更新登记，类别可能会变。",
        )

    def _close(self, elder: Elder, died_on: date) -> Taken:
        where = elder.household.place.path
        if elder.status == Elder.Status.CLOSED:
            return self._closed_already(elder, died_on)
        stands = "在册" if elder.status in Elder.REGISTERED else f"还是“{elder.get_status_display()}”"
        if not self.by.may(Right.APPROVE_ELDER, elder.household.place_id):
            raise RowRefused(f"{where}，{stands}。您没有注销的权限，请交给镇民政负责人导入。")
        letters = ClassPeriod.objects.filter(elder=elder, starts_on__lte=died_on).order_by("-starts_on")
        letter = letters.values_list("risk_class", flat=True).first()
        first_day = elder.active_periods.order_by("starts_on").values_list("starts_on", flat=True).first()
        close_elder(by=self.by, elder=elder, last_day=died_on, reason=Elder.CloseReason.DIED)
        if elder.status not in Elder.REGISTERED:
            return Taken("changed", f"{where}，{stands}：注销，登记表不用再审批")
        words = f"{where}，{f'{letter}类' if letter else '没有类别'}：注销，最后一天 {died_on}"
        if first_day and died_on < first_day:
            words += f"。那时还没入册（{first_day}），请核对登记的是不是同一个人"
            return Taken("warning", words, becomes="changed")
        return Taken("changed", words)

    def _closed_already(self, elder: Elder, died_on: date) -> Taken:
        if elder.died_on == died_on:
            return Taken("unchanged", f"已于 {elder.closed_on} 注销")
        reason = elder.get_close_reason_display()
        return Taken(
            "warning",
            f"{elder.household.place.path}，已于 {elder.closed_on} 注销（{reason}），和名单的 {died_on} 不一样。没有改动，请核对。",
        )
