from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.factories import run
from visitcare.audit.models import Event
from visitcare.org.models import Division

GOOD = """\
code,name,level,parent
320699,东海市,county,
320699101,滨江镇,town,320699
320699101201,永安村,village,320699101
320699101498,虚拟社区,village,320699101
"""


def saved(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "divisions.csv"
    file.write_text(text, encoding=encoding)
    return file


def test_command_loads_and_says_how_many_are_usable(db: None, tmp_path: Path) -> None:
    said = run("load_divisions", saved(tmp_path, GOOD))
    assert said == "区划：新增 4 个，改名 0 个，没变 0 个；可用的村（居）1 个\n"
    assert Division.objects.count() == 4


def test_command_again_changes_nothing(db: None, tmp_path: Path) -> None:
    run("load_divisions", saved(tmp_path, GOOD))
    events = Event.objects.count()
    assert (
        run("load_divisions", saved(tmp_path, GOOD))
        == "区划：新增 0 个，改名 0 个，没变 4 个；可用的村（居）1 个\n"
    )
    assert Event.objects.count() == events


def test_command_reads_a_file_saved_by_excel(db: None, tmp_path: Path) -> None:
    run("load_divisions", saved(tmp_path, GOOD, "utf-8-sig"))
    assert Division.objects.get(code="320699").name == "东海市"


def test_command_names_who_ran_it(db: None, tmp_path: Path) -> None:
    run("load_divisions", saved(tmp_path, GOOD))
    event = Event.objects.get(verb="load_divisions")
    assert (event.actor_name[:3], event.actor_name[-1]) == ("系统（", "）")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "文件的第一行要有这些列：code,name,level,parent。"),
        ("code,name,level\n", "文件的第一行要有这些列：code,name,level,parent。"),
        (GOOD + "320699101202,,village,320699101\n", "没有导入：区划代码 320699101202 没有名称。请补上。"),
        (
            GOOD + "320699105201,孤村,village,320699105\n",
            "没有导入：区划代码 320699105201 的上级 320699105 不在文件里，或者不是它的前几位。",
        ),
        (
            GOOD + "320699101202,短行\n",
            "没有导入：区划代码 320699101202 和级别“”对不上：市县 6 位、镇 9 位、村 12 位。",
        ),
    ],
)
def test_command_bad_file_stores_nothing(db: None, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("load_divisions", saved(tmp_path, text))
    assert (str(caught.value), caught.value.returncode) == (words, 1)
    assert Division.objects.count() == 0


def test_command_file_in_another_encoding_is_refused_in_words(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run("load_divisions", saved(tmp_path, GOOD, "gbk"))
    assert str(caught.value) == "没有导入：文件不是 UTF-8 编码。请在 Excel 里另存为“CSV UTF-8”再导入。"


def test_command_without_the_file_is_refused_in_words(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run("load_divisions", tmp_path / "没有.csv")
    assert str(caught.value).startswith("打不开文件 ")
