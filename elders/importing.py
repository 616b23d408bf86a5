"""Import of elders (contracts.md, *Elders*): households, elders, registration forms, in one sheet."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from elders.actions import (
    FormData,
    approve_form,
    assign_worker,
    fill_address,
    judge_again,
    open_household,
    register_elder,
    submit_form,
    write_class_history,
    write_conditions,
    write_member,
)
from elders.actions.registration import RegistrationError, check_score, refuse_while_decided
from elders.facts import FactBook
from elders.judging import JudgingImporter
from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    RegistrationForm,
    Residence,
    SeriousIllness,
    Sex,
)
from elders.roster import Roster
from elders.rules import classify
from visitcare.kit.cells import group_name, read_choice, read_date, read_several, read_yes_no, required
from visitcare.kit.identity import age_on, parse_id_number, parse_mobile, parse_phone
from visitcare.kit.sheets import Cell, Column, Row, Table
from visitcare.kit.weeks import today
from visitcare.org.actions import ensure_group, require
from visitcare.org.importing import (
    FieldChange,
    Importer,
    Keys,
    RowRefused,
    Rows,
    Taken,
    changes_of,
    join_words,
)
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import FIELD_ROLES, Right
from visitcare.org.workers import find_village
from visitcare.policy.models import care_policy

SEXES = {"男": Sex.MALE, "女": Sex.FEMALE}
PAPERS = {label: value for value, label in Elder.Paper.choices} | {
    "港澳通行证": Elder.Paper.HONGKONG_MACAO,
    "台胞证": Elder.Paper.TAIWAN,
    "永居证": Elder.Paper.PERMANENT_RESIDENT,
    "无": Elder.Paper.NONE,
}
LIVING = {label: value for value, label in RegistrationForm.Living.choices}
LOCATIONS = {label: value for value, label in RegistrationForm.Location.choices}
ABILITIES = {label: value for value, label in Assessment.Level.choices} | {"未评估": ""}
GRADES = {label: value for value, label in RegistrationForm.Grade.choices}
ECONOMY = {label: value for value, label in RegistrationForm.Economy.choices}
CONSENTS = {label: value for value, label in Consent.Kind.choices}
NO_REASON = "没有写原因"
YES_NO = ("是", "否")
_ID_CARD = Cell("320699195005010024", "18 位，写成文本，不要让表格变成数字。")
_PHONE = Cell("19900012345", "手机或固定电话。")
_VILLAGE = Cell("320681100001", "村（社区）的 12 位代码，见区划表。")


class MemberImporter(JudgingImporter):
    """The second sheet 家庭成员."""

    noun = sheet = "家庭成员"
    columns = tuple(
        Column(heading, required=heading in ("户编号", "村(社区)代码", "姓名"))
        for heading in ("户编号", "村(社区)代码", "姓名", "性别", "与户主关系", "居民身份证号码", "健康状况", "是否同住", "是否经常探访")
    )  # fmt: skip
    cells: ClassVar = {
        "户编号": Cell("H001", "和第一张表里这户老人的户编号一样。"),
        "村(社区)代码": _VILLAGE,
        "姓名": Cell("陆小明"),
        "性别": Cell("男", choices=SEXES),
        "与户主关系": Cell("儿子"),
        "居民身份证号码": Cell("320699197501010014", "18 位，写成文本；不知道可以空着。"),
        "健康状况": Cell("健康"),
        "是否同住": Cell("否", choices=YES_NO),
        "是否经常探访": Cell("是", choices=YES_NO),
    }

    can_plan = True

    def __init__(self, by: User) -> None:
        super().__init__(by)
        self.homes: dict[tuple[str, str], Household] = {}
        self.villages: dict[str, Division] = {}
        self.said: dict[tuple[Any, str, str], dict[str, Any] | None] = {}
        self.book: FactBook | None = None

    def follow(self, first: Importer) -> None:
        assert isinstance(first, ElderImporter)  # whose second sheet this is
        self.homes, self.villages, self.book = first.roster.homes, first.villages, first.roster.book

    def prepare(self, table: Table) -> None:
        self.today = today()

    def key(self, row: Row) -> str:
        return f"{self.sheet}：{row.text('姓名')}"

    def take(self, row: Row) -> Taken:
        number, code = required(row, "户编号"), required(row, "村(社区)代码")
        village = self._village(code)
        household = self._home(village, number)
        if household is None:
            raise RowRefused(f"{village.path}没有户编号是 {number} 的户。请先在第一张表登记这户的老人。")
        card = None
        if row.text("居民身份证号码"):
            card = parse_id_number(row.cells["居民身份证号码"], today=self.today)
        said = {
            "sex": card.sex if card else read_choice(row, "性别", SEXES) or "",
            "id_number": card.number if card else "",
            "birth_date": card.birth_date if card else None,
            "health": _short(row, "健康状况", 100),
            "lives_here": read_yes_no(row, "是否同住"),
            "visits_often": read_yes_no(row, "是否经常探访"),
        }
        required(row, "姓名")
        name, relation = _short(row, "姓名", 60), _short(row, "与户主关系", 40)
        before = self._before(household, name, relation, said)
        if self.plans:
            self._suppose(household, said)
        else:
            write_member(by=self.by, household=household, name=name, relation=relation, said=said)
        if before is None:
            return Taken("new")
        changes = [
            FieldChange(HouseholdMember, field, before[field], value)
            for field, value in said.items()
            if before[field] != value
        ]
        return Taken("changed" if changes else "unchanged", join_words(*changes))

    def _village(self, code: str) -> Division:
        if code not in self.villages:
            self.villages[code] = find_village(code, self.by, Right.REGISTER_ELDER)
        return self.villages[code]

    def _home(self, village: Division, number: str) -> Household | None:
        known = self.homes.get((village.code, number))
        return known or Household.objects.filter(village_code=village.code, number=number).first()

    def _before(
        self, household: Household, name: str, relation: str, said: dict[str, Any]
    ) -> dict[str, Any] | None:
        """What was known of the person, from a row before this one too."""
        key = household.pk, name, relation
        if key not in self.said:
            self.said[key] = _said_of_member(household, name, relation, said)
        before, self.said[key] = self.said[key], said
        return before

    def _suppose(self, household: Household, said: dict[str, Any]) -> None:
        if self.book is not None and said["lives_here"] and said["birth_date"]:
            self.book.suppose_member(household.pk, said["birth_date"], said["health"])


class ElderImporter(JudgingImporter):
    noun = "老人"
    second_sheet = MemberImporter
    parts = (ActivePeriod, ClassPeriod, Residence)
    derived = (ClassPeriod,)
    can_plan = True
    columns = tuple(
        Column(heading, required=heading in ("姓名", "居民身份证号码", "村(社区)代码", "居住状况", "探访意愿", "登记日期"))
        for heading in (
            "户编号", "姓名", "居民身份证号码", "证件类型", "出生日期", "性别", "联系电话", "紧急联系人",
            "紧急联系人性别", "紧急联系人电话", "户籍地址", "村(社区)代码", "村民小组", "居住地址", "居住状况",
            "配偶居住地", "子女居住地", "能力程度", "能力评分", "失智", "无法言语或听力", "残疾等级", "重病", "曾患病史",
            "经济情况", "月可支配收入", "经济来源", "计划生育特殊家庭", "农村留守", "长期照料失能子女", "其他对象说明",
            "饮水是否安全", "生活用电是否安全", "住房是否安全", "家庭环境适老化情况", "探访意愿", "不愿意原因",
            "登记日期", "网格员手机号",
        )
    )  # fmt: skip
    cells: ClassVar = {
        "户编号": Cell("H001", "同一户的老人写同一个编号；空着就是自己一户。"),
        "姓名": Cell("陆桂芳"),
        "居民身份证号码": _ID_CARD,
        "证件类型": Cell("居民身份证", "空着就是居民身份证。", [label for _, label in Elder.Paper.choices]),
        "出生日期": Cell(date(1950, 5, 1), "有身份证的可以空着。", kind="date"),
        "性别": Cell("女", "有身份证的可以空着。", SEXES),
        "联系电话": _PHONE,
        "紧急联系人": Cell("陆小明"),
        "紧急联系人性别": Cell("男", choices=SEXES),
        "紧急联系人电话": Cell("19900012346", "手机或固定电话。"),
        "户籍地址": Cell("幸福路 1 号"),
        "村(社区)代码": _VILLAGE,
        "村民小组": Cell("1组", "1、1组、第1组都一样；没有的会新建。"),
        "居住地址": Cell("幸福路 1 号", "一户一个地址，已登记的不会被改掉。"),
        "居住状况": Cell("独居", choices=LIVING),
        "配偶居住地": Cell("无", choices=LOCATIONS),
        "子女居住地": Cell("外地", "本县就是本市。", LOCATIONS),
        "能力程度": Cell("能力完好", choices=ABILITIES),
        "能力评分": Cell("90", "评估报告上的总分，0—90；没有评估就空着。"),
        "失智": Cell("否", choices=YES_NO),
        "无法言语或听力": Cell("否", choices=YES_NO),
        "残疾等级": Cell("无", choices=GRADES),
        "重病": Cell("", "写病名；没有就空着。"),
        "曾患病史": Cell("高血压"),
        "经济情况": Cell("低保、居民养老保险", choices=ECONOMY, several=True),
        "月可支配收入": Cell("480", "元，可以有两位小数。"),
        "经济来源": Cell("养老金"),
        "计划生育特殊家庭": Cell("否", choices=YES_NO),
        "农村留守": Cell("否", choices=YES_NO),
        "长期照料失能子女": Cell("否", choices=YES_NO),
        "其他对象说明": Cell("", "其他需要探访的，写明情况。"),
        "饮水是否安全": Cell("是", choices=YES_NO),
        "生活用电是否安全": Cell("是", choices=YES_NO),
        "住房是否安全": Cell("是", choices=YES_NO),
        "家庭环境适老化情况": Cell("有扶手"),
        "探访意愿": Cell("愿意", choices=CONSENTS),
        "不愿意原因": Cell("", "不愿意的要写。"),
        "登记日期": Cell(date(2026, 10, 12), "问清情况的那一天。", kind="date"),
        "网格员手机号": Cell("", "不是本组网格员探访的才写。"),
    }

    def __init__(self, by: User, *, approve: bool = False) -> None:
        super().__init__(by)
        self.approve = approve

    def prepare(self, table: Table) -> None:
        self.today = today()
        self.roster = Roster(table.rows, self.today, judges=self.plans and self.approve)
        self.villages: dict[str, Division] = {}
        self.assigned: dict[Any, User] = {}
        self.places: dict[tuple[str, str], Division] = {}
        self.illnesses = dict(SeriousIllness.objects.values_list("name", "id"))
        self.conditions: dict[UUID, dict[str, Any]] = {}
        self.seen: dict[str, int] = {}
        self.approved: list[UUID] = []
        self.out_of_scope: dict[int, tuple[Elder, date]] = {}

    def key(self, row: Row) -> str:
        return row.text("姓名")

    def take(self, row: Row) -> Taken:
        self.new_places: dict[tuple[str, str], Division] = {}
        self.new_homes: dict[tuple[str, str], Household] = {}
        self.new_conditions: dict[UUID, dict[str, Any]] = {}
        self.filled: Household | None = None
        self.roster.begin()
        try:
            taken = self._take(row)
        except Exception:
            if self.filled:
                self.filled.address = ""
            raise
        self.places |= self.new_places  # only now: a row that is refused takes its new group back with it
        self.roster.homes |= self.new_homes
        for household, said in self.new_conditions.items():
            self.conditions.setdefault(household, {}).update(said)
        return taken

    def _take(self, row: Row) -> Taken:
        person = self._person(row)
        self._once_in_file(row, person)
        village = self._village(required(row, "村(社区)代码"))
        known = self.roster.elder(person)
        if known and known.merged_into_id:
            raise RowRefused(f"{known.name}的这份档案已并入另一份（证件号码不同）。请按那一份的号码填。")
        household = self._household(row, village, known)
        improved = self._fill_address(household, _short(row, "居住地址", 200))
        if known and known.household_id != household.pk:
            raise RowRefused(
                f"{known.name}已在{known.household.place.path}的另一户登记（{known.get_status_display()}）。"
                "请先核对；搬家请办迁移，不要重复登记。"
            )
        if known and known.status == Elder.Status.CLOSED:
            raise RowRefused(f"{known.name}已于 {known.closed_on} 注销。要恢复请办重新入册，不要重复登记。")
        data = self._form(row, person)
        self._refuse_what_waits(known, data.registered_on)
        said, disputed = self._conditions(row, household)
        warnings = (
            self._warnings(row, person)
            + self._elsewhere(row, household)
            + disputed
            + self._name_worker(row, household, data.registered_on)
        )
        improved += self._improve(household, said)
        if known:
            outcome, changes = self._renew(row, household, data, known, improved)
        else:
            outcome, changes = self._enter(row, household, data, improved)
        words = join_words(*changes, *warnings)
        return Taken("warning", words, becomes=outcome) if warnings else Taken(outcome, words)  # type: ignore[arg-type]

    def _enter(
        self, row: Row, household: Household, data: FormData, improved: list[FieldChange]
    ) -> tuple[str, list[object]]:
        """What becomes of a row on somebody new. Of a home that is new with the row nothing is changed."""
        self._store(row, household, data, None)
        return "new", [one for one in improved if one.old]

    def _renew(
        self,
        row: Row,
        household: Household,
        data: FormData,
        known: Elder,
        improved: list[FieldChange],
    ) -> tuple[str, list[object]]:
        """What becomes of a row on somebody known, and what it changes."""
        changes = _differences(known, data)
        is_newer = all(form.registered_on != data.registered_on for form in known.forms.all())
        if is_newer or changes:
            data.changed = {"new_form"} if is_newer else {one.name for one in changes}
            self._store(row, household, data, known)
            version = [f"{data.registered_on} 的新登记表"] if is_newer else []
            return "changed", [*version, *changes, *improved]
        if self._approve_waiting(row, known, data):
            return "changed", ["批准登记表", *improved]
        return "changed" if improved else "unchanged", [*improved]

    @classmethod
    def opened_by(cls, was: Rows) -> Keys:
        """Who came into scope: duties and visits rest on that."""
        before = was.get(Elder, {})
        now = Elder.objects.filter(pk__in=before, status=Elder.Status.ACTIVE).values_list("pk", flat=True)
        in_scope = (Elder.Status.ACTIVE, Elder.Status.PAUSED)
        return {Elder: [pk for pk in now if before[pk].status not in in_scope]}

    @classmethod
    def taken_back(cls, *, by: User, was: Rows, opened: Keys, touched: Collection[Any]) -> None:
        for period in ActivePeriod.objects.filter(elder__in=opened.get(Elder, ()), ends_on=None):
            ClassPeriod.objects.filter(elder=period.elder_id, starts_on__gte=period.starts_on).delete()
            if period.pk not in was.get(ActivePeriod, {}):
                period.delete()
        super().taken_back(by=by, was=was, opened=opened, touched=touched)

    def finish(self) -> Mapping[int, str]:
        # A row's spouse or family may stand further down: only now does everybody live with everybody.
        outside = [
            number for number, (elder, day) in self.out_of_scope.items() if not self._in_scope(elder, day)
        ]
        if self.approved:
            write_class_history(by=self.by, elders=self.approved)
        return dict.fromkeys(outside, "现在不在探访范围（没有一类符合），先存着，符合后自动入册")

    # Who

    def _person(self, row: Row) -> dict[str, Any]:
        required(row, "姓名")
        name = _short(row, "姓名", 60)
        paper = read_choice(row, "证件类型", PAPERS) or Elder.Paper.ID_CARD
        sex = read_choice(row, "性别", SEXES)
        if paper == Elder.Paper.ID_CARD:
            if not row.text("居民身份证号码"):
                raise RowRefused("“居民身份证号码”空着。没有身份证的，请在“证件类型”写明是什么证件。")
            card = parse_id_number(row.cells["居民身份证号码"], today=self.today)
            return {
                "name": name, "sex": card.sex, "birth_date": card.birth_date, "paper_kind": paper,
                "id_number": card.number,
            }  # fmt: skip
        birth_date = read_date(row, "出生日期")
        if birth_date is None or sex is None:
            raise RowRefused(f"证件类型是{Elder.Paper(paper).label}，要填出生日期和性别。")
        if birth_date > self.today or age_on(birth_date, self.today) > 125:
            raise RowRefused(f"出生日期 {birth_date} 不对。请核对证件。")
        return {
            "name": name, "sex": sex, "birth_date": birth_date, "paper_kind": paper,
            "id_number": row.text("居民身份证号码"),
        }  # fmt: skip

    def _once_in_file(self, row: Row, person: dict[str, Any]) -> None:
        number = person["id_number"]
        key = number or f"{person['name']} {person['birth_date']}"
        if key in self.seen:
            what = "证件号码" if number else "人（没有证件号码，姓名和出生日期一样）"
            raise RowRefused(f"和第 {self.seen[key]} 行是同一个{what}。一个人只能登记一次，请删掉一行。")
        self.seen[key] = row.number

    # Where

    def _village(self, code: str) -> Division:
        if code not in self.villages:
            self.villages[code] = find_village(code, self.by, Right.REGISTER_ELDER)
        return self.villages[code]

    def _household(self, row: Row, village: Division, known: Elder | None) -> Household:
        number = _short(row, "户编号", 40)
        place = self._place(village, row.text("村民小组"))
        if number:
            household = self.roster.homes.get((village.code, number))
        else:
            # Without a number a row is a household of its own: the one this person has, or a new one.
            household = known.household if known and not known.household.number else None
        if household is None:
            household = self._open(place, number, _short(row, "居住地址", 200))
            if number:
                self.new_homes[village.code, number] = household
        return household

    def _open(self, place: Division, number: str, address: str) -> Household:
        if self.plans:
            return Household(place=place, number=number, address=address)
        return open_household(by=self.by, place=place, number=number, address=address)

    def _fill_address(self, household: Household, address: str) -> list[FieldChange]:
        if household.address or not address:
            return []
        changes = changes_of(Household, household, {"address": address})
        self.filled = household
        if self.plans:
            household.address = address
        else:
            fill_address(by=self.by, household=household, address=address)
        return changes

    def _place(self, village: Division, group: str) -> Division:
        if not group:
            return village
        known = self.places.get((village.code, group))
        place = known or self._group(village, group)
        self.new_places[village.code, group] = place
        return place

    def _group(self, village: Division, group: str) -> Division:
        if not self.plans:
            return ensure_group(by=self.by, village=village, text=group)
        name = group_name(group)
        there = village.children.filter(name=name).first()
        return there or Division(code=village.code, name=name, path=f"{village.path}{name}", parent=village)

    def _elsewhere(self, row: Row, household: Household) -> list[str]:
        """A household has one dwelling: a row that says another one does not move it."""
        said, group = row.text("居住地址"), row.text("村民小组")
        found = []
        if said and said != household.address:
            found.append(f"居住地址和这户已登记的“{household.address}”不同，没有改")
        if group and group_name(group) != household.place.name:
            found.append(f"村民小组和这户已登记的“{household.place.path}”不同，没有改")
        return found

    def _name_worker(self, row: Row, household: Household, since: date) -> list[str]:
        """An exception is stored only where the worker named is not the group's own (domain.md §6)."""
        if not row.text("网格员手机号"):
            return []
        mobile = parse_mobile(row.cells["网格员手机号"])
        worker = self.roster.worker(mobile)
        if worker is None:
            return ["没有这个手机号的网格员，先按本组的网格员。请先导入探访人员"]
        codes = [household.place_id, household.place_id[:12]]
        if Posting.objects.filter(user=worker, place__in=codes, role__in=FIELD_ROLES).exists():
            return []
        current = self._assigned(household)
        if current is None and self.plans:
            require(self.by, Right.REVIEW_REGISTRATION, household.place_id)
            self.assigned[household.pk] = worker
        elif current is None:
            assign_worker(by=self.by, household=household, worker=worker, starts_on=since)
        elif current != worker:
            return [f"这户已指定{current.name}探访，没有改。要换人请在后台办理"]
        return []

    def _assigned(self, household: Household) -> User | None:
        current = (
            Assignment.objects.filter(household=household.pk, ends_on=None).select_related("worker").first()
        )
        return current.worker if current else self.assigned.get(household.pk)

    # What

    def _refuse_what_waits(self, known: Elder | None, day: date) -> None:
        """A village's word that waits beside the form of this day is neither overwritten nor approved unseen."""
        if known and any(
            form.registered_on == day and hasattr(form, "proposal") for form in known.forms.all()
        ):
            raise RowRefused(
                f"村里给{known.name}填了 {day} 的登记表，镇里还没有批准。请先办那张登记表，再导入。"
            )

    def _form(self, row: Row, person: dict[str, Any]) -> FormData:
        registered_on = read_date(row, "登记日期")
        if registered_on is None:
            raise RowRefused("“登记日期”空着。请填登记的那一天。")
        if registered_on > self.today:
            raise RowRefused(f"登记日期 {registered_on} 还没到。请填已经登记的日期。")
        ability = read_choice(row, "能力程度", ABILITIES) or ""
        score = self._score(row)
        consent = read_choice(row, "探访意愿", CONSENTS)
        if consent is None:
            raise RowRefused("“探访意愿”空着。请写：愿意、仅电话或不愿意。")
        reason = _short(row, "不愿意原因", 200)
        if consent == Consent.Kind.REFUSED:
            reason = reason or NO_REASON
        try:
            ability = check_score(ability, score)
        except RegistrationError as error:
            raise RowRefused(str(error)) from error
        return FormData(
            registered_on=registered_on,
            person=person | self._contacts(row),
            facts=self._facts(row),
            ability=ability,
            score=score,
            consent=consent,
            consent_reason=reason,
        )

    def _score(self, row: Row) -> int | None:
        text = row.text("能力评分")
        if text and not text.isdecimal():
            raise RowRefused(f"“能力评分”写的是“{text}”，不是 0—90 的整数。请核对评估报告。")
        return int(text) if text else None

    def _contacts(self, row: Row) -> dict[str, Any]:
        return {
            "phone": parse_phone(row.cells["联系电话"]) if row.text("联系电话") else "",
            "emergency_name": _short(row, "紧急联系人", 60),
            "emergency_sex": read_choice(row, "紧急联系人性别", SEXES) or "",
            "emergency_phone": parse_phone(row.cells["紧急联系人电话"]) if row.text("紧急联系人电话") else "",
            "hukou_address": _short(row, "户籍地址", 200),
        }

    def _facts(self, row: Row) -> dict[str, Any]:
        living = read_choice(row, "居住状况", LIVING)
        if living is None:
            raise RowRefused(f"“居住状况”空着。请写：{'、'.join(LIVING)}。")
        none = RegistrationForm.Location.NONE
        illness = _short(row, "重病", 200)
        return {
            "living": living,
            "able_adult_at_home": living == RegistrationForm.Living.WITH_FAMILY,
            "lives_with_dependent_child_long_term": living == RegistrationForm.Living.WITH_DEPENDENT_CHILD,
            "spouse_location": read_choice(row, "配偶居住地", LOCATIONS) or none,
            "child_location": read_choice(row, "子女居住地", LOCATIONS) or none,
            "dementia": read_yes_no(row, "失智"),
            "cannot_speak_or_hear": read_yes_no(row, "无法言语或听力"),
            "disability_grade": read_choice(row, "残疾等级", GRADES),
            "serious_illness": bool(illness),
            "illness_id": self.illnesses.get(illness),
            "illness_words": illness,
            "past_illnesses": _short(row, "曾患病史", 200),
            "economy": read_several(row, "经济情况", ECONOMY),
            "monthly_income": self._income(row),
            "income_source": _short(row, "经济来源", 100),
            "family_planning_special": read_yes_no(row, "计划生育特殊家庭"),
            "left_behind": read_yes_no(row, "农村留守"),
            "cares_for_dependent_child": read_yes_no(row, "长期照料失能子女"),
            "other": _short(row, "其他对象说明", 200),
        }

    def _conditions(self, row: Row, household: Household) -> tuple[dict[str, Any], list[str]]:
        """What a row says of the dwelling, and what it says otherwise than a row of the same household before it, in
        words. An empty cell says nothing, and takes nothing back."""
        said = {
            "water_safe": read_yes_no(row, "饮水是否安全"),
            "power_safe": read_yes_no(row, "生活用电是否安全"),
            "housing_safe": read_yes_no(row, "住房是否安全"),
            "age_friendly": _short(row, "家庭环境适老化情况", 100),
        }
        said = {name: value for name, value in said.items() if value not in (None, "")}
        before = self.conditions.get(household.pk, {})
        new = {name: value for name, value in said.items() if name not in before}
        self.new_conditions[household.pk] = new
        disputed = [name for name, value in said.items() if before.get(name, value) != value]
        labels = "、".join(str(Household._meta.get_field(name).verbose_name) for name in disputed)  # type: ignore[union-attr]
        return new, [f"{labels}和同一户的另一行不同，没有改"] if disputed else []

    def _improve(self, household: Household, said: dict[str, Any]) -> list[FieldChange]:
        """Write what is new of the dwelling."""
        changes = changes_of(Household, household, said)
        if changes and not self.plans:
            write_conditions(by=self.by, household=household, said=said)
        return changes

    def _income(self, row: Row) -> Decimal | None:
        text = row.text("月可支配收入")
        if not text:
            return None
        try:
            income = Decimal(text.removesuffix("元").replace(",", "")).quantize(Decimal("0.01"))
        except InvalidOperation:
            income = Decimal(-1)
        if not 0 <= income < 10_000_000:
            raise RowRefused(f"“月可支配收入”写的是“{text}”，不是金额。请写成 480 或 480.50。")
        return income

    # Storing

    def _store(self, row: Row, household: Household, data: FormData, known: Elder | None) -> None:
        if self.plans:
            self._plan(row, household, data, known)
            return
        form = register_elder(by=self.by, household=household, data=data, elder=known)
        if form.state == RegistrationForm.State.APPROVED:  # a correction of an approved form
            self.approved.append(form.elder_id)
            return
        submit_form(by=self.by, form=form)
        if self.approve:
            self._approve(row, form)

    def _plan(self, row: Row, household: Household, data: FormData, known: Elder | None) -> None:
        """What would become of `_store`: the same refusals, and the same judgement of the same facts."""
        same_day = (
            [form for form in known.forms.all() if form.registered_on == data.registered_on] if known else []
        )
        if known and not self.by.may(Right.REVIEW_REGISTRATION, household.place_id):
            refuse_while_decided(known)
        states = {form.state for form in same_day}
        if RegistrationForm.State.APPROVED in states:
            require(self.by, Right.APPROVE_ELDER, household.place_id)
        elif same_day and same_day[0].state == RegistrationForm.State.SUBMITTED:
            raise RowRefused("这张登记表已经提交过了，不用再提交。")
        if self.approve:
            self._plan_approval(
                row, household, data, known, corrects=RegistrationForm.State.APPROVED in states
            )

    def _plan_approval(
        self, row: Row, household: Household, data: FormData, known: Elder | None, *, corrects: bool = False
    ) -> None:
        require(self.by, Right.APPROVE_ELDER, household.place_id)
        book, elder = self.roster.book, known or Elder(household=household, **data.person)
        assert book is not None  # it judges
        day = data.registered_on
        book.suppose_said(
            elder.pk,
            household.pk,
            birth_date=data.person["birth_date"],
            day=day,
            said=data.facts,
            ability=data.ability,
        )
        if not corrects and not self._in_scope(elder, day):
            self.out_of_scope[row.number] = elder, day

    def _in_scope(self, elder: Elder, day: date) -> bool:
        if not self.plans:
            return judge_again(by=self.by, elder=elder, day=day)
        assert self.roster.book is not None  # it judges
        return classify(self.roster.book.facts(elder.pk, day), care_policy(day)).in_scope

    def _approve(self, row: Row, form: RegistrationForm) -> None:
        form.elder.refresh_from_db()
        try:
            in_scope = approve_form(by=self.by, form=form, write_classes=False)
        except RegistrationError as error:
            raise RowRefused(str(error)) from error
        self.approved.append(form.elder_id)
        if not in_scope:
            self.out_of_scope[row.number] = form.elder, form.registered_on

    def _approve_waiting(self, row: Row, known: Elder, data: FormData) -> bool:
        """Imported earlier without approval, now with it; whether a form waited."""
        if not self.approve:
            return False
        day = data.registered_on
        waiting = known.forms.filter(registered_on=day, state=RegistrationForm.State.SUBMITTED).first()
        if waiting is None:
            return False
        if self.plans:
            self._plan_approval(row, waiting.elder.household, data, known)
        else:
            self._approve(row, waiting)
        return True

    def _warnings(self, row: Row, person: dict[str, Any]) -> list[str]:
        found = []
        said = row.text("性别")
        if said and said in SEXES and SEXES[said] != person["sex"]:
            found.append("性别和身份证号码不一致，按身份证登记")
        if CONSENTS.get(row.text("探访意愿")) == Consent.Kind.REFUSED and not row.text("不愿意原因"):
            found.append(f"不愿意原因空着，先记作“{NO_REASON}”，请问清楚再补")
        return found


def _said_of_member(
    household: Household, name: str, relation: str, said: dict[str, Any]
) -> dict[str, Any] | None:
    """What is stored of the fields that a row says."""
    known = (
        None
        if household._state.adding
        else HouseholdMember.objects.filter(household=household, name=name, relation=relation).first()
    )
    return {field: getattr(known, field) for field in said} if known else None


def _short(row: Row, heading: str, longest: int) -> str:
    text = row.text(heading)
    if len(text) > longest:
        raise RowRefused(f"“{heading}”有 {len(text)} 个字，太长了。请写在 {longest} 个字以内。")
    return text


def _differences(known: Elder, data: FormData) -> list[FieldChange]:
    """Where a row says otherwise than what is registered on its day, or last before it."""
    day = data.registered_on
    changes = changes_of(Elder, known, data.person)
    form = _last((form.registered_on, form) for form in known.forms.all() if form.registered_on <= day)
    if form is None:
        return changes
    changes += changes_of(RegistrationForm, form, data.facts)
    if data.ability:  # an empty cell takes no assessment back
        assessment = _last(
            (one.assessed_on, one) for one in known.assessments.all() if one.assessed_on <= day
        )
        changes += changes_of(Assessment, assessment, {"level": data.ability, "score": data.score})
    consent = _last((one.since, one) for one in known.consents.all() if one.since <= day)
    return changes + changes_of(Consent, consent, {"kind": data.consent, "reason": data.consent_reason})


def _last(dated: Iterable[tuple[date, Any]]) -> Any:
    return max(dated, key=lambda one: one[0], default=(None, None))[1]
