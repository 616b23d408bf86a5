from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection

from elders.actions import close_elder, merge_elders, write_member
from elders.deaths import DeathImporter
from elders.models import Elder
from tests.cast import Cast
from tests.factories import id_number, make_elder, make_form, make_household, read_rows, run, save_sheet
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.importing import run_import

BORN = date(1950, 5, 1)
DIED = date(2025, 3, 4)


def row(elder: Elder | None = None, **changes: object) -> dict[str, object]:
    number = elder.id_number if elder else id_number(BORN)
    name = elder.name if elder else "陌生人"
    return {"姓名*": name, "居民身份证号码*": number, "死亡日期*": DIED.isoformat()} | changes


def verdicts(
    tmp_path: Path, *rows: dict[str, object], options: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """(outcome, words) of each row."""
    report = tmp_path / "report.xlsx"
    file = save_sheet(tmp_path / "deaths.xlsx", rows)
    run("import_deaths", file, "--report", report, "--skip-bad-rows", *options)
    return [(str(line[2]), str(line[3] or "")) for line in read_rows(report)[1:]]


def status(elder: Elder) -> str:
    return Elder.objects.get(pk=elder.pk).status


def test_elder_on_the_list_is_closed_as_of_the_day(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    assert verdicts(tmp_path, row(elder)) == [("有变化", "滨江镇永安村1组，C类：注销，最后一天 2025-03-04")]
    elder.refresh_from_db()
    assert (elder.status, elder.died_on) == ("closed", DIED)
    assert Event.objects.get(verb="close_elder").about_id == str(elder.pk)


def test_list_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    verdicts(tmp_path, row(elder))
    assert verdicts(tmp_path, row(elder)) == [("无变化", "已于 2025-03-04 注销")]
    assert Event.objects.filter(verb="close_elder").count() == 1


def test_who_is_not_registered_is_no_mistake(cast: Cast, tmp_path: Path) -> None:
    assert verdicts(tmp_path, row()) == [("无变化", "不在册")]


def test_family_member_is_told_and_left(cast: Cast, tmp_path: Path) -> None:
    home = make_household(cast.group, address="1组8号")
    number = id_number(BORN)
    write_member(by=cast.head, household=home, name="王小明", relation="夫", said={"id_number": number})
    ((outcome, words),) = verdicts(tmp_path, row(**{"居民身份证号码*": number}))
    assert outcome == "有提醒"
    assert words.startswith("不是在册老人，是滨江镇永安村1组 1组8号的家庭成员。没有改动")
    assert home.members.get().name == "王小明"


def test_other_name_is_refused_for_somebody_to_look(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    ((outcome, words),) = verdicts(tmp_path, row(elder, **{"姓名*": "马凤瑛"}))
    assert (outcome, status(elder)) == ("未导入", "active")
    assert words == "这个证件号码登记的是马凤英（滨江镇永安村1组），不是马凤瑛。请核对是谁去世了。"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ((today() + timedelta(days=1)).isoformat(), "还没到"),
        ("1950-04-30", "早于出生日期"),
        ("2025-02-30", "不是日期"),
        (None, "空着"),
    ],
)
def test_day_that_cannot_be_is_refused(cast: Cast, tmp_path: Path, day: str | None, words: str) -> None:
    elder = make_elder(cast.group)
    ((outcome, told),) = verdicts(tmp_path, row(elder, **{"死亡日期*": day}))
    assert (outcome, words in told, status(elder)) == ("未导入", True, "active")


def test_number_twice_in_one_list_is_refused(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    first, second = verdicts(tmp_path, row(elder), row(elder, **{"死亡日期*": "2025-03-09"}))
    assert (first[0], second) == ("有变化", ("未导入", "和第 2 行是同一个证件号码。请删掉一行。"))


def test_death_before_the_registration_closes_and_warns(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    ((outcome, words),) = verdicts(tmp_path, row(elder, **{"死亡日期*": "2024-12-01"}))
    assert (outcome, status(elder)) == ("有提醒", "closed")
    assert "那时还没入册（2025-01-06）" in words


def test_closed_for_another_reason_or_day_is_told_and_left(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 9), reason="moved")
    ((outcome, words),) = verdicts(tmp_path, row(elder))
    assert (outcome, "已于 2025-03-09 注销（迁出），和名单的 2025-03-04 不一样" in words) == ("有提醒", True)
    assert Elder.objects.get(pk=elder.pk).close_reason == "moved"


def test_file_that_is_only_submitted_waits_for_nobody_any_more(cast: Cast, tmp_path: Path) -> None:
    form = make_form(make_household(cast.group), BORN)
    told = verdicts(tmp_path, row(form.elder))
    assert told == [("有变化", "滨江镇永安村1组，还是“待审批”：注销，登记表不用再审批")]
    form.refresh_from_db()
    assert (status(form.elder), form.state, form.decision_reason) == ("closed", "returned", "已注销：去世")


def test_file_that_is_only_submitted_is_closed_by_whoever_may_close(cast: Cast, tmp_path: Path) -> None:
    elder = make_form(make_household(cast.group), BORN).elder
    ((outcome, words),) = verdicts(tmp_path, row(elder), options=("--by", "officer"))
    assert (outcome, status(elder)) == ("未导入", "submitted")
    assert words == "滨江镇永安村1组，还是“待审批”。您没有注销的权限，请交给镇民政负责人导入。"


def test_number_of_a_merged_file_closes_the_one_it_went_into(cast: Cast, tmp_path: Path) -> None:
    loser, winner = make_elder(cast.group), make_elder(cast.next_group)
    merge_elders(by=cast.head, loser=loser, winner=winner, reason="重复建档")
    ((outcome, words),) = verdicts(tmp_path, row(loser))
    assert (outcome, words[:10], status(winner)) == ("有变化", "滨江镇新丰村1组，C", "closed")


def test_importer_closes_at_home_and_does_not_see_the_other_town(cast: Cast, tmp_path: Path) -> None:
    here, there = make_elder(cast.group), make_elder(cast.other_group)
    told = verdicts(tmp_path, row(here), row(there), options=("--by", "head"))
    assert [outcome for outcome, _ in told] == ["有变化", "无变化"]
    assert told[1][1] == "不在册"
    assert (status(here), status(there)) == ("closed", "active")


def test_importer_who_may_not_close_is_told_who_does(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    ((outcome, words),) = verdicts(tmp_path, row(elder), options=("--by", "officer"))
    assert (outcome, status(elder)) == ("未导入", "active")
    assert words == "滨江镇永安村1组，在册。您没有注销的权限，请交给镇民政负责人导入。"


def test_trial_run_stores_nothing_and_says_the_same(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    ((outcome, words),) = verdicts(tmp_path, row(elder), options=("--dry-run",))
    assert (outcome, words) == ("有变化", "滨江镇永安村1组，C类：注销，最后一天 2025-03-04")
    assert status(elder) == "active"


def test_one_bad_row_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    elder = make_elder(cast.group)
    file = save_sheet(tmp_path / "deaths.xlsx", [row(elder), row(**{"死亡日期*": "2099-01-01"})])
    with pytest.raises(CommandError, match="1 行有问题"):
        run("import_deaths", file)
    assert status(elder) == "active"


@pytest.mark.django_db(transaction=True)
def test_preview_holds_up_nobody_who_was_judged_already(cast: Cast, tmp_path: Path) -> None:
    people = [make_elder(cast.group), make_elder(cast.group)]
    file = save_sheet(tmp_path / "deaths.xlsx", [row(one) for one in people])
    other = connection.copy()

    def look(done: int, total: int) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM elders_elder FOR UPDATE NOWAIT")

    report = run_import(DeathImporter(cast.head), file, dry_run=True, tell=look)
    other.close()
    assert dict(report.counts) == {"changed": 2}
    assert {status(one) for one in people} == {"active"}


@pytest.mark.django_db(transaction=True)
def test_preview_says_of_two_numbers_of_one_person_what_storing_says(cast: Cast, tmp_path: Path) -> None:
    kept, given_up = make_elder(cast.group), make_elder(cast.group)
    merge_elders(by=cast.head, loser=given_up, winner=kept, reason="同一个人")
    file = save_sheet(tmp_path / "deaths.xlsx", [row(kept), row(given_up)])
    told = [
        run_import(DeathImporter(cast.head), file, dry_run=dry, skip_bad_rows=True).verdicts
        for dry in (True, False)
    ]
    assert told[0] == told[1]
    assert told[1][1].words == "和第 2 行是同一个人，档案并过。请删掉一行。"
