"""The words that made-up people and their visits are told with."""

from collections.abc import Mapping, Sequence

from visitcare.console.demo.chance import Chance

SURNAMES: Mapping[str, float] = {
    "陈": 9, "黄": 8, "陆": 8, "施": 7, "顾": 7, "沈": 7, "张": 6, "徐": 5, "朱": 5, "倪": 5, "王": 4, "李": 4, "袁": 4, "龚": 4,
    "蔡": 3, "季": 3, "茅": 3, "樊": 3, "汤": 3, "杨": 3, "吴": 2, "周": 2, "秦": 2, "宋": 2, "郁": 2, "邱": 2, "姜": 2, "彭": 1,
    "俞": 1, "曹": 1, "范": 1, "钱": 1,
}  # fmt: skip
"""As common as they are on the north bank of the river's mouth."""

ELDERS_GIVEN = {
    "female": ("秀桂玉凤兰惠美彩素月金菊", "英兰珍芳芬琴娥妹华云仙宝"),
    "male": ("国德志永汉士建锦维学洪正", "兴明康昌才章平林祥元忠良"),
}
WORKERS_GIVEN = {
    "female": ("丽海晓红卫建春小亚玉", "萍燕琴娟芳红霞梅玲英"),
    "male": ("卫志海建晓国永春小亚", "东华军平峰斌刚辉明兵"),
}
SHORT_GIVEN = {"female": "英芳兰珍琴娥", "male": "康明祥林生平"}


class Names:
    """Names of two or three characters."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def surname(self) -> str:
        return self._chance.weighted(SURNAMES)

    def elder(self, sex: str) -> str:
        return self.surname() + self._given(ELDERS_GIVEN, sex)

    def younger(self, sex: str, surname: str = "") -> str:
        """A worker, or a child of somebody with that surname."""
        return (surname or self.surname()) + self._given(WORKERS_GIVEN, sex)

    def _given(self, pools: Mapping[str, tuple[str, str]], sex: str) -> str:
        if self._chance.happens(0.06):
            return self._chance.pick(SHORT_GIVEN[sex])
        first, second = pools[sex]
        return self._chance.pick(first) + self._chance.pick(second)


BANKS = ("启东农村商业银行", "启东农村商业银行", "中国农业银行", "中国邮政储蓄银行", "中国银行")
SERIOUS_ILLNESSES = (
    ("恶性肿瘤", "放化疗期"),
    ("终末期肾病（尿毒症）", "每周透析三次"),
    ("脑中风后遗症", "右侧行动不便"),
    ("慢性心力衰竭（心功能Ⅲ级以上）", ""),
    ("慢性阻塞性肺病（重度）", "长期吸氧"),
)
"""A name on the county's first list, and what is said beside it."""
PAST_ILLNESSES = ("高血压", "高血压、糖尿病", "冠心病", "关节炎", "白内障手术", "腰椎间盘突出", "")
OTHER_REASONS = (
    "儿媳病故后独自带孙女，村里建议关爱",
    "近期家里遭火灾，临时安置",
    "老伴刚去世，情绪低落，村里建议关爱",
)
REFUSALS = ("觉得身体还好，不想麻烦别人", "子女天天来，不需要", "不愿意让外人进门")
PHONE_ONLY_REASONS = ("耳朵好，喜欢打电话聊", "家里有病人怕吵，打电话就好", "")
RETURNED_FORMS = ("能力评估的分数没有填，请补上", "子女居住地没有写清楚，请核对后再报")
INCOME_SOURCES = ("养老金", "养老金、子女供养", "养老金、土地流转", "低保金", "子女供养")
AGE_FRIENDLY = ("已装扶手", "卫生间有防滑垫", "没有改造", "门槛较高，没有改造", "")
HELP_MEASURES = (
    "村干部每月上门一次，帮助申请各项补贴",
    "逢年过节走访慰问，帮忙打扫",
    "邻里结对照看，天冷天热多上门",
    "帮助联系家庭医生，每季度体检",
)
CARE_PLANS = (
    "每次来量血压，提醒按时吃药",
    "不要太早来，下午在家；喜欢聊天",
    "帮忙看煤气、电线有没有问题",
    "代取药、代买米油",
    "陪着说说话，听听戏",
    "雨天雪天多打一个电话",
)
ASSESSORS = ("镇养老服务评估组", "镇卫生院评估小组")

NOTES: Mapping[str, Sequence[str]] = {
    "health": (
        "血压量了，药按时吃", "腿脚比上周利索些", "有点咳嗽，已经配了药", "说话清楚，精神不错", "昨晚没睡好，其他都好",
        "降压药快吃完了，女儿会去配", "牙不好，吃得软", "刚从卫生院复查回来，医生说稳定",
    ),
    "safety": (
        "煤气总阀关好了", "看了电线，没有问题", "院子里的青苔帮着铲了", "灶间的灯换了新的", "提醒了取暖时要开窗",
        "自来水管包了保温套",
    ),
    "family": (
        "儿子周末来过，带了菜", "女儿每天打电话", "孙子放假来住了两天", "外地的女儿寄了棉衣", "小儿子中秋回来过",
    ),
    "livelihood": (
        "米和油都够", "补贴已经到卡上", "今天吃的是青菜面", "自己种的菜够吃", "合作医疗已经交了",
    ),
    "needs": (
        "助餐点送饭准时", "帮着量了血压", "想听戏，帮着调好了收音机", "陪着说了半个小时话", "帮着剪了指甲",
    ),
    "remark": (
        "在院子里晒太阳，笑呵呵的", "正在隔壁聊天，叫回来了", "在地里拔草，劝少干一点", "帮着收了被子", "一起看了孙女的照片",
        "聊了会儿以前围垦的事", "说下周想去趟镇上", "菜地里的萝卜长得好，硬要送两个", "门口的路灯坏了，已经告诉村里",
    ),
}  # fmt: skip
"""What is written beside 一切正常, by the area it belongs to."""
REPEATED_WORDS = ("老人一切都好没有什么情况", "身体健康生活正常没有困难", "今天看过了家里都很好")

FINDINGS: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = {
    "health": (
        (("illness",), "咳嗽一个多星期，夜里睡不好"),
        (("movement",), "前天在灶间滑了一下，走路有点跛"),
        (("mood",), "老伴走了以后不大说话，饭也吃得少"),
        (("speech", "reaction"), "说话有点含糊，反应比以前慢"),
    ),
    "safety": (
        (("gas",), "煤气管老化，接头有点松"),
        (("power",), "灶间的插座发黑，电线裸露"),
        (("building",), "西边屋角漏雨，墙有裂缝"),
        (("heating",), "用煤炉取暖，窗都关着"),
    ),
    "family": (
        (("no_visits",), "儿子大半年没有回来过"),
        (("no_calls", "wants_mediation"), "和女儿为房子闹得不说话，想有人劝劝"),
    ),
    "livelihood": (
        (("benefits",), "高龄补贴这个季度没有到卡上"),
        (("medical",), "透析来回的车费吃不消"),
        (("food",), "自己烧不动饭，一天只吃一顿"),
    ),
    "needs": (
        (("meals",), "想订助餐点的午饭"),
        (("bathing",), "天冷了，想有人帮忙洗澡"),
        (("emergency",), "一个人住，想装个紧急呼叫"),
        (("adaptation",), "卫生间想装扶手"),
    ),
}  # fmt: skip
SOLVED: Mapping[str, Sequence[str]] = {
    "health": ("家庭医生上门看过，已配药", "陪去镇卫生院检查，没有大碍"),
    "safety": ("请电工换好了线路", "换了新的煤气软管", "村里找人修了屋顶"),
    "family": ("村干部打了电话，儿子周末回来了", "村里调解过，双方谈好了"),
    "livelihood": ("查到是银行卡换了号，已补发", "已帮助申请临时救助"),
    "needs": ("助餐点已安排送餐", "已联系镇养老服务中心", "已列入适老化改造名单"),
}

REVIEW_REASONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "returned": {
        "burst": ("两家隔得远，只差几分钟，请核对时间后更正",),
        "same_words": ("几条内容一字不差，请按各家实际情况写",),
        "odd_hour": ("时间是不是写错了？请核对后更正",),
        "": ("结果和备注对不上，请核对后更正", "时间请核对一下"),
    },
    "invalid": {
        "second_contact": ("同一天重复登记，算一次",),
        "burst": ("问过两家，其中一家当天没有人来",),
        "": ("电话回访，老人说这天没有人来过", "回访核实，是登记错了人"),
    },
}
"""What the town writes, by the first flag of the visit; "" stands for any other."""
