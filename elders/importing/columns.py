"""The columns of a roster and of its second sheet, and what the template tells of them (contracts.md, *Elders*)."""

from datetime import date

from elders.models import Assessment, Consent, Elder, RegistrationForm, Sex
from visitcare.kit.sheets import Cell, Column

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
LEFT_EMPTY = (
    "已经登记过的，没有的列和空着的格子不改原来的内容；要改成没有，下面说可以写“无”的写“无”，别的请在后台改。"
)
YES_NO = ("是", "否")
_ID_CARD = Cell("320699195005010024", "18 位，写成文本，不要让表格变成数字。")
_PHONE = Cell("19900012345", "手机或固定电话。")
_VILLAGE = Cell("320681100001", "村（社区）的 12 位代码，见区划表。")

ELDER_COLUMNS = tuple(
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
ELDER_CELLS = {
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
    "重病": Cell("", "写病名；没有就空着。登记过、现在没有了的，写“无”。"),
    "曾患病史": Cell("高血压"),
    "经济情况": Cell("低保、居民养老保险", "都不是的，写“无”。", choices=ECONOMY, several=True),
    "月可支配收入": Cell("480", "元，可以有两位小数。"),
    "经济来源": Cell("养老金"),
    "计划生育特殊家庭": Cell("否", choices=YES_NO),
    "农村留守": Cell("否", choices=YES_NO),
    "长期照料失能子女": Cell("否", choices=YES_NO),
    "其他对象说明": Cell("", "其他需要探访的，写明情况。登记过、现在不是了的，写“无”。"),
    "饮水是否安全": Cell("是", choices=YES_NO),
    "生活用电是否安全": Cell("是", choices=YES_NO),
    "住房是否安全": Cell("是", choices=YES_NO),
    "家庭环境适老化情况": Cell("有扶手"),
    "探访意愿": Cell("愿意", choices=CONSENTS),
    "不愿意原因": Cell("", "不愿意的要写。"),
    "登记日期": Cell(date(2026, 10, 12), "问清情况的那一天。", kind="date"),
    "网格员手机号": Cell("", "不是本组网格员探访的才写。"),
}

MEMBER_COLUMNS = tuple(
    Column(heading, required=heading in ("户编号", "村(社区)代码", "姓名"))
    for heading in ("户编号", "村(社区)代码", "姓名", "性别", "与户主关系", "居民身份证号码", "健康状况", "是否同住", "是否经常探访")
)  # fmt: skip
MEMBER_CELLS = {
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
