"""An import is taken back whole while nobody has built on it; else it stays, and the words say what stands in the way."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from elders.actions import (
    agree_care_plan,
    open_screening,
    pause_elder,
    propose_move,
    propose_override,
    reclassify,
    refresh_screenings,
    reopen_elder,
    screen_person,
    start_draft,
    write_conditions,
)
from elders.models import (
    ActivePeriod,
    Assessment,
    AssistanceItem,
    CarePlan,
    ClassOverride,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    Move,
    Pause,
    Proposal,
    RegistrationForm,
    Residence,
    ScreenedPerson,
)
from tests.cast import VILLAGE, Cast
from tests.elders.importing.rows import elder, other
from tests.factories import at_once, make_elder, make_household, make_visit
from tests.org.test_importing_batches import (  # noqa: F401 (fixtures)
    Row,
    confirm,
    judged,
    run,
    started,
    upload,
)
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, today
from visitcare.org.actions import NotAllowed, issue_first_password
from visitcare.org.importing import BatchError, undo_batch
from visitcare.org.importing.undoing import Undoing
from visitcare.org.models import BankAccount, Division, ImportBatch, Posting, User
from visits.actions import open_week
from visits.models import Review, Visit, VisitedElder

pytestmark = pytest.mark.django_db(transaction=True)

REGISTRY = (
    Household,
    HouseholdMember,
    Elder,
    RegistrationForm,
    Assessment,
    Consent,
    ActivePeriod,
    ClassPeriod,
    ClassOverride,
    Residence,
    AssistanceItem,
    CarePlan,
    Proposal,
    Pause,
    Move,
)
PEOPLE = (User, Posting, BankAccount)
VISITS = (Visit, VisitedElder, Review)


def rows(*models: type) -> dict[str, list[tuple[object, ...]]]:
    """All rows as they are, decrypted."""
    return {model.__name__: sorted(model.objects.values_list(), key=str) for model in models}  # type: ignore[attr-defined]


def undo(batch: ImportBatch, by: User | None = None) -> ImportBatch:
    undo_batch(by=by or batch.uploaded_by, batch=batch)
    return run(batch)


@pytest.fixture
def stored(judged: Callable[..., ImportBatch]) -> Callable[..., ImportBatch]:  # noqa: F811
    def imported(*sent: Row, **said: object) -> ImportBatch:
        return confirm(judged(*sent, **said))

    return imported


WORKER: Row = {"姓名*": "龚建国", "手机号*": "19900012347", "村(社区)代码*": VILLAGE, "村民小组": "1组", "计酬": "是",
               "开户银行": "农商行", "卡号": "6214830000000000"}  # fmt: skip


def visit_row(cast: Cast, who: Elder) -> Row:
    return {"网格员手机号*": cast.worker.mobile, "老人身份证号码*": who.id_number, "探访方式*": "上门",
            "探访时间*": "2025-03-04 09:00", "结果*": "见到本人", "审核": "有效"}  # fmt: skip


def death_of(who: Elder) -> Row:
    return {"姓名*": who.name, "居民身份证号码*": who.id_number, "死亡日期*": today().isoformat()}


# Everything goes back


@pytest.mark.parametrize("options", [(), ("approve",)])
def test_new_elders_go_with_all_that_came_with_them(
    stored: Callable[..., ImportBatch], options: tuple[str, ...]
) -> None:
    before = rows(*REGISTRY)
    batch = stored(elder(), other(), options=options)
    assert (Elder.objects.count(), ClassPeriod.objects.exists()) == (2, bool(options))
    undo(batch)
    assert (batch.state, batch.said) == ("undone", "")
    assert rows(*REGISTRY) == before
    assert Event.objects.filter(verb="undo_import", about_id=str(batch.pk)).count() == 1
    assert Event.objects.filter(verb="register_elder").count() == 2
    with pytest.raises(BatchError):
        undo(batch)


def test_changed_rows_say_again_what_they_said(stored: Callable[..., ImportBatch]) -> None:
    first = stored(elder(联系电话="19900000001", 能力程度="轻度失能"), options=("approve",))
    before = rows(*REGISTRY)
    batch = stored(
        elder(联系电话="19900000002", 能力程度="重度失能", 重病="心脏病"), other(), options=("approve",)
    )
    assert Elder.objects.get(name="马凤英").phone == "19900000002"
    undo(batch)
    assert batch.said == ""
    without_keys = {name: [row[1:] for row in found] for name, found in rows(*REGISTRY).items()}
    assert without_keys == {name: [row[1:] for row in found] for name, found in before.items()}
    undo(first)
    assert (first.state, Elder.objects.count()) == ("undone", 0)


def test_approval_of_waiting_elders_goes_back(stored: Callable[..., ImportBatch]) -> None:
    stored(elder())
    before = rows(*REGISTRY)
    batch = stored(elder(), options=("approve",))
    assert ActivePeriod.objects.count() == 1
    undo(batch)
    assert rows(*REGISTRY) == before


def test_members_go(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    Household.objects.filter(pk=make_elder(cast.group).household_id).update(number="H1")
    before = rows(*REGISTRY)
    child = {"户编号*": "H1", "村(社区)代码*": VILLAGE, "姓名*": "陆小明", "与户主关系": "儿子"}
    undo(stored(child, kind="members"))
    assert rows(*REGISTRY) == before


def test_conditions_of_the_household_go_back(stored: Callable[..., ImportBatch]) -> None:
    stored(elder(饮水是否安全="是"), options=("approve",))
    before = rows(*REGISTRY)
    batch = stored(elder(饮水是否安全="否", 住房是否安全="是", 户籍地址="新路 2 号"), options=("approve",))
    assert (Household.objects.get().water_safe, Household.objects.get().housing_safe) == (False, True)
    undo(batch)
    assert (batch.said, rows(*REGISTRY)) == ("", before)


def test_deaths_go_back_with_all_that_they_ended(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    who = make_elder(cast.group)
    pause_elder(by=cast.head, elder=who, reason="hospital", starts_on=today(), ends_on=None)
    propose_move(
        by=cast.head,
        elder=who,
        whole_household=False,
        village=cast.next_village,
        starts_on=today(),
        reason="投靠子女",
    )
    propose_override(
        by=cast.head, elder=who, risk_class="A", reason="跌倒过", review_on=today() + timedelta(days=90)
    )
    before = rows(*REGISTRY)
    batch = stored(death_of(who), kind="deaths")
    assert Elder.objects.get().status == "closed"
    assert not Move.objects.open().exists()
    undo(batch)
    assert (batch.said, rows(*REGISTRY)) == ("", before)


def test_groups_that_came_with_the_import_go_unless_somebody_uses_them(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    before = set(Division.objects.values_list("name", flat=True))
    batch = stored(elder(村民小组=7), other(村民小组=8), options=("approve",))
    assert set(Division.objects.values_list("name", flat=True)) == before | {"7组", "8组"}
    make_household(Division.objects.get(name="8组"))
    undo(batch)
    assert set(Division.objects.values_list("name", flat=True)) == before | {"8组"}


def test_workers_go_with_postings_and_cards(stored: Callable[..., ImportBatch]) -> None:
    before = rows(*PEOPLE)
    batch = stored(WORKER, kind="workers")
    assert BankAccount.objects.count() == 1
    undo(batch)
    assert rows(*PEOPLE) == before


def test_visits_go_with_their_reviews(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    who = make_elder(cast.group)
    make_visit(cast.worker, who, at="2025-03-05 09:00")
    before = rows(*VISITS)
    batch = stored(visit_row(cast, who), kind="visits", by=cast.reviewer)
    assert (Visit.objects.count(), Review.objects.count()) == (2, 1)
    undo(batch)
    assert (batch.said, rows(*VISITS)) == ("", before)


def test_nightly_run_in_between_is_no_obstacle(stored: Callable[..., ImportBatch]) -> None:
    batch = stored(elder(), options=("approve",))
    reclassify(by=User.objects.system(), on=today() + timedelta(days=4000))
    undo(batch)
    assert (batch.state, ClassPeriod.objects.count()) == ("undone", 0)


# What stands in the way


def visited(cast: Cast, who: Elder) -> None:
    make_visit(cast.worker, who)


def paused(cast: Cast, who: Elder) -> None:
    pause_elder(by=cast.head, elder=who, reason="hospital", starts_on=today(), ends_on=None)


def edited(cast: Cast, who: Elder) -> None:
    who.hukou_address = "新地址"
    who.save()


def owed(cast: Cast, who: Elder) -> None:
    open_week(by=User.objects.system(), week=Week(date(2025, 3, 3)))


def reassessed(cast: Cast, who: Elder) -> None:
    Assessment.objects.create(elder=who, assessed_on=today(), level="mild")


def cared_for(cast: Cast, who: Elder) -> None:
    agree_care_plan(by=cast.head, elder=who, agreed_on=today(), content="每周二量血压")


def overridden(cast: Cast, who: Elder) -> None:
    propose_override(
        by=cast.head, elder=who, risk_class="A", reason="跌倒过", review_on=today() + timedelta(days=90)
    )


def begun_anew(cast: Cast, who: Elder) -> None:
    start_draft(by=cast.worker, said={}, step="who", elder=who)


def helped(cast: Cast, who: Elder) -> None:
    write_conditions(by=cast.head, household=who.household, said={}, assistance=[("临时救助", None)])


ANEW = [
    (visited, "探访"),
    (paused, "老人有改动"),
    (edited, "老人有改动"),
    (owed, "周任务"),
]
OF_NEW_ROWS = [
    (reassessed, "能力评估"),
    (cared_for, "关爱服务内容"),
    (overridden, "手工调整"),
    (begun_anew, "没填完的登记"),
]


@pytest.mark.parametrize(
    ("build", "words", "known"),
    [
        *((build, words, known) for build, words in ANEW for known in (False, True)),
        # What is said anew of somebody who was known does not rest on the import.
        *((build, words, False) for build, words in OF_NEW_ROWS),
    ],
)
def test_what_was_built_on_it_stands_in_the_way(
    stored: Callable[..., ImportBatch],
    cast: Cast,
    build: Callable[[Cast, Elder], None],
    words: str,
    known: bool,
) -> None:
    if known:
        stored(elder())
    batch = stored(elder(), options=("approve",))
    build(cast, Elder.objects.get())
    before = rows(*REGISTRY)
    undo(batch)
    assert (batch.state, words in batch.said, "马凤英" in batch.said) == ("stored", True, True)
    assert rows(*REGISTRY) == before


def test_help_given_to_a_new_household_stands_in_the_way(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = stored(elder())
    helped(cast, Elder.objects.get())
    assert "救助和补贴项目" in undo(batch).said


def test_whoever_once_lived_in_a_new_home_stands_in_the_way(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    who = make_elder(cast.group, name="曾住过")
    batch = stored(elder())
    Residence.objects.filter(elder=who).update(starts_on=date(2025, 1, 1))
    Residence.objects.create(
        elder=who, household=Elder.objects.get(name="马凤英").household, ends_on=date(2024, 12, 31)
    )
    assert (undo(batch).state, "住处" in batch.said) == ("stored", True)


def test_reopened_record_stands_in_the_way_of_its_death(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    who = make_elder(cast.group)
    batch = stored(death_of(who), kind="deaths")
    reopen_elder(by=cast.head, elder=who, since=today() + timedelta(days=1), reason="名单错了")
    assert "老人有改动" in undo(batch).said


def test_worker_who_got_a_password_stands_in_the_way(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    batch = stored(WORKER, kind="workers")
    issue_first_password(by=cast.head, user=User.objects.get(name="龚建国"))
    assert "龚建国（人员账号有改动" in undo(batch).said


def test_reviewed_visit_stands_in_the_way(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    who = make_elder(cast.group)
    batch = stored(visit_row(cast, who) | {"审核": None}, kind="visits", by=cast.reviewer)
    Visit.objects.update(state="valid", reviewed_by=cast.reviewer, reviewed_at=timezone.now())
    assert "探访记录有改动" in undo(batch).said


def screened(cast: Cast) -> None:
    """A round is open, and the night has put everybody who is registered on its list."""
    open_screening(by=cast.head, town=cast.town, name="排摸", due_on=today())
    assert refresh_screenings(by=User.objects.system()) == 0


@pytest.mark.parametrize("known", [False, True])
def test_list_on_which_nobody_has_looked_is_no_obstacle(
    stored: Callable[..., ImportBatch], cast: Cast, known: bool
) -> None:
    screened(cast)
    if known:
        stored(elder())
    before = rows(*REGISTRY)
    batch = stored(elder(), options=("approve",))
    assert refresh_screenings(by=User.objects.system()) == 1
    undo(batch)
    assert (batch.state, batch.said, ScreenedPerson.objects.count()) == ("undone", "", 0)
    assert rows(*REGISTRY) == before


def test_whom_somebody_has_looked_at_stands_in_the_way(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    screened(cast)
    batch = stored(elder(), other(), options=("approve",))
    refresh_screenings(by=User.objects.system())
    screen_person(by=cast.cadre, person=ScreenedPerson.objects.get(name="马凤英"), result="same")
    undo(batch)
    assert (batch.state, "马凤英（排摸的人）" in batch.said, ScreenedPerson.objects.count()) == (
        "stored",
        True,
        2,
    )


def test_what_nobody_knew_of_stands_in_the_way_in_words(
    stored: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = stored(elder())
    monkeypatch.setattr(Undoing, "undo", lambda *_: Elder.objects.update(household=uuid4()))
    undo(batch)
    assert (batch.state, batch.undone_by, "又有别的记录用到了" in batch.said) == ("stored", None, True)


# Who, and two at once


def test_undoing_asks_for_the_right(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    batch = stored(elder())
    with pytest.raises(NotAllowed):
        undo(batch, by=cast.other_head)
    assert undo(batch, by=cast.reviewer).undone_by == cast.reviewer


def test_taking_back_an_approval_asks_for_the_right_to_approve(
    stored: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = stored(elder(), options=("approve",))
    assert batch not in ImportBatch.objects.visible_to(cast.reviewer)
    with pytest.raises(NotAllowed):
        undo(batch, by=cast.reviewer)
    assert Elder.objects.get().status == "active"
    assert undo(batch, by=cast.head).state == "undone"


def test_two_who_undo_at_once_undo_once(stored: Callable[..., ImportBatch], cast: Cast) -> None:
    batch = stored(elder())
    said = at_once(*[lambda: undo_batch(by=cast.head, batch=ImportBatch.objects.get(pk=batch.pk))] * 2)
    assert [type(one) for one in said].count(BatchError) == 1
    assert run(batch).state == "undone"
