"""Import of workers (contracts.md, *Workers*)."""

from datetime import date, timedelta
from typing import ClassVar

from visitcare.kit.cells import read_choice, read_date, read_yes_no, required
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import parse_card_number, parse_id_number, parse_mobile
from visitcare.kit.sheets import Cell, Column, Outcome, Row, Table
from visitcare.kit.weeks import today
from visitcare.org.actions import (
    add_user,
    appoint,
    end_posting,
    ensure_group,
    set_bank_account,
    set_id_number,
)
from visitcare.org.importing import FieldChange, Importer, RowRefused, Taken, changes_of, join_words
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import ROLES as OFFICES
from visitcare.org.roles import Right, Role

FIRST_DAY = date(2024, 1, 1)
DAY = timedelta(days=1)
ROLES = {"网格员": Role.GRID_WORKER, "村干部": Role.VILLAGE_CADRE, "其他探访人员": Role.VISITOR}


def find_village(code: str, by: User, right: Right) -> Division:
    """The usable village with this code, where the importer holds the right that the import takes."""
    village = Division.objects.filter(code=code, level=Division.Level.VILLAGE).first()
    if village is None:
        raise RowRefused(f"没有代码是 {code} 的村（社区）。请对照区划表填 12 位代码。")
    if not village.active:
        raise RowRefused(f"{village.path}（{code}）是虚拟社区或已停用，不能登记人。请填实际的村。")
    if not by.may(right, code):
        raise RowRefused(f"{village.path}不在您管的地区，或者您没有办理这件事的权限。")
    return village


class WorkerImporter(Importer):
    noun = "探访人员"
    columns = (
        Column("姓名", required=True),
        Column("手机号", required=True),
        Column("居民身份证号码"),
        Column("村(社区)代码", required=True),
        Column("村民小组"),
        Column("角色"),
        Column("计酬"),
        Column("起始日期"),
        Column("开户银行"),
        Column("卡号"),
        Column("户编号"),
    )
    cells: ClassVar = {
        "姓名": Cell("施建国"),
        "手机号": Cell("19900012347", "登录用，11 位，写成文本。"),
        "居民身份证号码": Cell("320699197003030012", "18 位，写成文本。"),
        "村(社区)代码": Cell("320681100001", "村（社区）的 12 位代码，见区划表。"),
        "村民小组": Cell("1组", "网格员负责的组；管全村的空着。"),
        "角色": Cell("网格员", "空着就是网格员。", ROLES),
        "计酬": Cell("是", "只有网格员计酬。", ("是", "否")),
        "起始日期": Cell(FIRST_DAY, "从哪一天起任职；要改已登记的，写改变的那一天。", kind="date"),
        "开户银行": Cell("农村商业银行"),
        "卡号": Cell("6214830000000009", "写成文本，不要让表格变成数字。"),
        "户编号": Cell("", "网格员自己家也有老人的，写自己家的户编号。"),
    }

    def prepare(self, table: Table) -> None:
        self.today = today()
        self.seen: dict[tuple[str, str, str, date], int] = {}

    def key(self, row: Row) -> str:
        return row.text("姓名")

    def take(self, row: Row) -> Taken:
        name = required(row, "姓名")
        mobile = parse_mobile(row.cells["手机号"])
        role = read_choice(row, "角色", ROLES) or Role.GRID_WORKER
        wants_pay = bool(read_yes_no(row, "计酬"))
        starts_on = read_date(row, "起始日期") or FIRST_DAY
        village = find_village(required(row, "村(社区)代码"), self.by, Right.KEEP_WORKERS)
        warnings = []
        if wants_pay and role != Role.GRID_WORKER:
            warnings.append(f"角色是{role.label}，不计酬（只有网格员计酬）")
        known = User.objects.filter(mobile_index=blind_index("mobile", mobile)).first()
        user, changes = self._person(row, known, name, mobile)
        # Before the posting: it would make somebody ours whose pay another town decides on.
        account, card_warnings = self._bank(row, user, since=self.today if known else starts_on)
        group = row.text("村民小组")
        if group and Division.Level.GROUP not in OFFICES[role].levels:
            warnings.append(f"{role.label}按村任职，村民小组没有用")
            group = ""
        place = ensure_group(by=self.by, village=village, text=group) if group else village
        key = (mobile, role, place.code, starts_on)
        if key in self.seen:
            raise RowRefused(f"和第 {self.seen[key]} 行是同一个人、同一天起的同一个任职。请删掉一行。")
        self.seen[key] = row.number
        posting = self._posting(
            user, role, place, starts_on, wants_pay and role == Role.GRID_WORKER, row.text("户编号")
        )
        changes += posting + account
        warnings += card_warnings
        outcome: Outcome = "new" if known is None else "changed" if changes else "unchanged"
        words = join_words(*(changes if known else ()), *warnings)
        return Taken("warning", words, becomes=outcome) if warnings else Taken(outcome, words)

    def _person(self, row: Row, known: User | None, name: str, mobile: str) -> tuple[User, list[object]]:
        """Whose row it is, and what it changes of them."""
        id_number = ""
        if row.text("居民身份证号码"):
            id_number = parse_id_number(row.cells["居民身份证号码"], today=self.today).number
        owner = (
            User.objects.filter(id_number_index=blind_index("id_number", id_number)).first()
            if id_number
            else None
        )
        if owner and owner != known:
            raise RowRefused(
                "这个身份证号码已经登记在另一个手机号下。请核对手机号；换了手机号请先在人员账号里改。"
            )
        if known is None:
            return add_user(by=self.by, name=name, mobile=mobile, id_number=id_number), []
        if known.name != name:
            raise RowRefused(f"这个手机号已经登记给{known.name}，和这一行的姓名不一样。请核对。")
        if id_number and known.id_number != id_number:
            if known.id_number:
                raise RowRefused(f"{name}已登记的身份证号码和这一行不一样。请核对。")
            set_id_number(by=self.by, user=known, id_number=id_number)
            return known, [FieldChange(User, "id_number", "", id_number)]
        return known, []

    def _posting(
        self, user: User, role: Role, place: Division, starts_on: date, payable: bool, own_household: str
    ) -> list[object]:
        """What a row says from its day on: as it was already, a change from that day, or a new posting that lasts
        until the next one. A posting that began on that very day is not rewritten."""
        postings = list(Posting.objects.filter(user=user, role=role, place=place).order_by("starts_on"))
        before = next((p for p in reversed(postings) if p.starts_on <= starts_on), None)
        after = next((p for p in postings if p.starts_on > starts_on), None)
        covers = before is not None and (before.ends_on is None or before.ends_on >= starts_on)
        if before and covers:
            if (before.payable, before.own_household) == (payable, own_household):
                return []
            if before.starts_on == starts_on:
                raise RowRefused(
                    f"{place.path}的任职从 {starts_on} 起已登记，内容和这一行不同。要改，请把起始日期写成改变的那一天。"
                )
        ends_on = before.ends_on if before and covers else (after.starts_on - DAY if after else None)
        if before and covers:
            end_posting(by=self.by, posting=before, last_day=starts_on - DAY)
        appoint(
            by=self.by,
            user=user,
            role=role,
            place=place,
            starts_on=starts_on,
            ends_on=ends_on,
            payable=payable,
            own_household=own_household,
        )
        changes = changes_of(Posting, before, {"payable": payable, "own_household": own_household})
        what = f"{place.path}的任职" if postings else f"新任{place.path}{role.label}"
        return [f"{what}自 {starts_on} 起", *changes]

    def _bank(self, row: Row, user: User, *, since: date) -> tuple[list[object], list[str]]:
        """What a row changes of where the pay goes, and what there is to warn of."""
        if not row.text("卡号"):
            return [], []
        card = parse_card_number(row.cells["卡号"])
        bank = row.text("开户银行")
        before = user.bank_accounts.order_by("-since").first()
        changes: list[object] = [*changes_of(BankAccount, before, {"bank": bank, "card": card.number})]
        if not changes:
            return [], []
        set_bank_account(by=self.by, user=user, bank=bank, card=card.number, since=since)
        return changes, [card.warning] if card.warning else []
