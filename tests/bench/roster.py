"""A county's roster as a town would upload it: an .xlsx of made-up elders, three in ten of them couples."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from openpyxl import Workbook

from elders.importing import ElderImporter, MemberImporter
from visitcare.kit.identity import check_digit

SURNAMES, GIVEN = "陆施沈龚倪陈黄顾张徐", "桂芳秀兰建国玉英德明素珍金宝"
HEADINGS = [column.heading for column in ElderImporter.columns]


def save_roster(file: Path, villages: Sequence[str], people: int, *, seed: int = 12) -> Path:
    """Write the roster and, in its second sheet, a child of every fourth household."""
    book = Workbook(write_only=True)
    elders, members = book.create_sheet("老人"), book.create_sheet(MemberImporter.sheet)
    elders.append(HEADINGS)
    members.append([column.heading for column in MemberImporter.columns])
    for number, row in enumerate(_rows(villages, people, Random(seed))):
        elders.append([row.get(heading) for heading in HEADINGS])
        if number % 4 == 0:
            child = {"户编号": row["户编号"], "村(社区)代码": row["村(社区)代码"], "姓名": f"{row['姓名']}子"}
            child |= {"性别": "男", "与户主关系": "儿子", "是否同住": "否"}
            members.append([child.get(column.heading) for column in MemberImporter.columns])
    book.save(file)
    return file


def _rows(villages: Sequence[str], people: int, random: Random) -> Iterator[dict[str, object]]:
    household = 0
    couple = False
    for number in range(people):
        couple = not couple and random.random() < 0.3
        household += couple or random.random() < 0.85
        male = random.random() < 0.4
        born = date(1930, 1, 1) + timedelta(days=random.randrange(12_000))
        first17 = f"320699{born:%Y%m%d}{number % 450 * 2 + male:03}"
        yield {
            "户编号": f"H{household}",
            "姓名": random.choice(SURNAMES) + "".join(random.sample(GIVEN, 2)),
            "居民身份证号码": first17 + check_digit(first17),
            "联系电话": f"199000{number % 100_000:05}",
            "紧急联系人": random.choice(SURNAMES) + "明",
            "紧急联系人电话": f"199000{(number * 7) % 100_000:05}",
            "户籍地址": f"幸福路 {household} 号",
            "村(社区)代码": villages[household % len(villages)],
            "村民小组": household % 9 + 1,
            "居住地址": f"幸福路 {household} 号",
            "居住状况": "双老同住" if couple else random.choice(("独居", "独居", "与家人同住")),
            "配偶居住地": "同住" if couple else "无",
            "子女居住地": random.choice(("本县", "外地", "无")),
            "能力程度": random.choice(("能力完好", "能力完好", "轻度失能", "重度失能")),
            "失智": "否",
            "无法言语或听力": "否",
            "残疾等级": random.choice(("无", "无", "无", "二级")),
            "经济情况": random.choice(("居民养老保险", "低保、居民养老保险")),
            "月可支配收入": random.randrange(300, 3000),
            "计划生育特殊家庭": "否",
            "农村留守": random.choice(("是", "否")),
            "长期照料失能子女": "否",
            "饮水是否安全": "是",
            "生活用电是否安全": "是",
            "住房是否安全": "是",
            "探访意愿": random.choice(("愿意", "愿意", "仅电话")),
            "登记日期": "2026-10-12",
        }
