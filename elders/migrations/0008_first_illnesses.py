"""A first list of serious illnesses for the county to keep: those that illness insurance commonly covers."""

from django.db import migrations

REPORT = "二级以上医院的诊断证明或出院记录"
TREATMENT = "门诊特殊病种登记或透析记录"

ILLNESSES = {
    "恶性肿瘤": "病理报告或出院记录",
    "白血病": "病理报告或出院记录",
    "急性心肌梗死": REPORT,
    "冠状动脉搭桥术后": REPORT,
    "慢性心力衰竭（心功能Ⅲ级以上）": REPORT,
    "脑中风后遗症": REPORT,
    "脑出血、脑梗死（重症）": REPORT,
    "终末期肾病（尿毒症）": TREATMENT,
    "重大器官移植术后": REPORT,
    "失代偿期肝硬化": REPORT,
    "重型肝炎": REPORT,
    "慢性阻塞性肺病（重度）": REPORT,
    "慢性呼吸衰竭": REPORT,
    "再生障碍性贫血": REPORT,
    "系统性红斑狼疮": REPORT,
    "阿尔茨海默病": REPORT,
    "帕金森病（中晚期）": REPORT,
    "重性精神病": "精神专科医院的诊断证明",
    "耐多药肺结核": "定点医院的诊断证明",
    "糖尿病严重并发症": REPORT,
    "严重类风湿关节炎": REPORT,
    "瘫痪": REPORT,
}


def write(apps, schema_editor):
    Illness = apps.get_model("elders", "SeriousIllness")
    Illness.objects.bulk_create(
        Illness(name=name, evidence=evidence) for name, evidence in ILLNESSES.items()
    )


class Migration(migrations.Migration):
    dependencies = [("elders", "0007_conditions_are_the_households")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
