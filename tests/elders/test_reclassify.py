from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elders.actions import classification, close_elder, pause_elder, reclassify
from elders.models import ActivePeriod, Assessment, ClassPeriod, Elder
from tests.cast import Cast
from tests.factories import make_elder, make_household, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import next_monday, today
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion

FIRST = date(2025, 1, 13)
COMING = next_monday(today())
SUNDAY = COMING - timedelta(days=1)


def history(elder: Elder) -> list[tuple[date, date | None, list[str]]]:
    periods = ClassPeriod.objects.filter(elder=elder).order_by("starts_on")
    return list(periods.values_list("starts_on", "ends_on", "codes"))


def assess(elder: Elder, level: str, day: date | None = None) -> None:
    Assessment.objects.update_or_create(elder=elder, assessed_on=day or today(), defaults={"level": level})


def poor(cast: Cast, **said: Any) -> Elder:
    """低保 and living alone: A2 as soon as they are assessed as mild or worse."""
    return make_elder(cast.group, economy=["subsistence_allowance"], **said)


def eighty_on(day: date) -> date:
    return day.replace(year=day.year - 80)


def test_nothing_new_writes_nothing(cast: Cast, system: User) -> None:
    make_elder(cast.group)
    events = Event.objects.count()
    assert reclassify(by=system).count == 0
    assert (ClassPeriod.objects.count(), Event.objects.count()) == (1, events)


def test_new_assessment_takes_effect_next_monday(cast: Cast, system: User) -> None:
    elder = poor(cast)
    assess(elder, "mild")
    done = reclassify(by=system)
    assert (done.begun, done.ended) == ([elder.pk], 1)
    assert history(elder) == [(FIRST, SUNDAY, ["C"]), (COMING, None, ["A2"])]
    event = Event.objects.latest("at")
    assert (event.verb, event.words) == ("reclassify", f"重新分类：1 人的类别从 {COMING} 起有变化")


def test_again_writes_nothing_more(cast: Cast, system: User) -> None:
    elder = poor(cast)
    assess(elder, "mild")
    reclassify(by=system)
    before = list(ClassPeriod.objects.values_list("pk", "ends_on"))
    assert reclassify(by=system).count == 0
    assert list(ClassPeriod.objects.values_list("pk", "ends_on")) == before


def test_only_whoever_changes_is_written(cast: Cast, system: User) -> None:
    changing, others = poor(cast), [make_elder(cast.group) for _ in range(2)]
    assess(changing, "mild")
    reclassify(by=system)
    assert [len(history(elder)) for elder in (changing, *others)] == [2, 1, 1]


def test_period_that_has_not_begun_is_replaced(cast: Cast, system: User) -> None:
    elder = poor(cast, family_planning_special=True, disability_grade=1)
    first = history(elder)[0][2]
    assess(elder, "mild")
    reclassify(by=system)
    assert history(elder)[-1] == (COMING, None, ["A2", "A3", "B1"])
    Assessment.objects.all().delete()
    form = elder.forms.get()
    form.disability_grade = 0
    form.save()
    reclassify(by=system)
    assert history(elder) == [(FIRST, SUNDAY, first), (COMING, None, ["A3"])]


def test_change_taken_back_before_it_began_leaves_the_old_period_open(cast: Cast, system: User) -> None:
    elder = poor(cast)
    before = list(ClassPeriod.objects.values_list("pk", "starts_on", "ends_on", "codes"))
    assess(elder, "mild")
    reclassify(by=system)
    Assessment.objects.all().delete()
    reclassify(by=system)
    assert list(ClassPeriod.objects.values_list("pk", "starts_on", "ends_on", "codes")) == before


def test_past_day_never_rewrites_what_exists(cast: Cast, system: User) -> None:
    elder = poor(cast)
    assess(elder, "mild", date(2025, 2, 12))
    assert reclassify(by=system, on=date(2025, 2, 12)).count == 0
    assert history(elder) == [(FIRST, None, ["C"])]


def test_past_day_fills_in_weeks_without_a_class(cast: Cast, system: User) -> None:
    elder = poor(cast)
    assess(elder, "mild", date(2025, 2, 12))
    ClassPeriod.objects.all().delete()
    reclassify(by=system, on=date(2025, 1, 8))
    assert history(elder) == [(FIRST, None, ["C"])]


@pytest.mark.parametrize(("days_before", "codes"), [(1, ["A1"]), (0, ["C"])])
def test_birthday_until_sunday_counts_for_the_coming_week(
    cast: Cast, system: User, days_before: int, codes: list[str]
) -> None:
    elder = make_elder(
        cast.group, eighty_on(COMING - timedelta(days=days_before)), registered_on=date(2025, 1, 6)
    )
    reclassify(by=system)
    assert history(elder)[-1][2] == codes


def test_day_ahead_changes_the_monday_after_it(cast: Cast, system: User) -> None:
    later = COMING + timedelta(days=7)
    elder = make_elder(cast.group, eighty_on(later - timedelta(days=1)))
    reclassify(by=system, on=COMING)
    assert history(elder) == [(FIRST, later - timedelta(days=1), ["C"]), (later, None, ["A1"])]


def test_whoever_comes_into_scope_is_active_from_the_first_class(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1960, 5, 1), living="with_family", able_adult_at_home=True)
    assess(elder, "severe")
    reclassify(by=system)
    elder.refresh_from_db()
    assert (history(elder), elder.status) == ([(COMING, None, ["C"])], "active")
    assert list(ActivePeriod.objects.values_list("starts_on", "ends_on")) == [(COMING, None)]


def test_whoever_falls_out_of_scope_has_no_class_from_monday(cast: Cast, system: User) -> None:
    elder = make_elder(
        cast.group, date(1960, 5, 1), living="with_family", able_adult_at_home=True, ability="severe"
    )
    assess(elder, "intact")
    done = reclassify(by=system)
    assert (done.begun, done.ended, history(elder)) == ([], 1, [(FIRST, SUNDAY, ["C"])])


def test_policy_that_starts_on_monday_holds_for_the_coming_week(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1940, 5, 1), child_location="same_county")
    assert history(elder) == [(FIRST, None, ["C"])]
    PolicyVersion.objects.create(
        series="care", effective_from=COMING, values={"kin_in_county_breaks_alone": False},
        drafted_by=cast.officer, enacted_by=cast.approver, enacted_at=timezone.now(),
    )  # fmt: skip
    reclassify(by=system)
    assert history(elder)[-1] == (COMING, None, ["A1"])
    assert ClassPeriod.objects.get(starts_on=COMING).policy_version == COMING


def test_paused_elders_are_judged_too(cast: Cast, system: User) -> None:
    elder = poor(cast)
    pause_elder(by=system, elder=elder, starts_on=today(), ends_on=None, reason="hospital")
    assess(elder, "mild")
    reclassify(by=system)
    assert history(elder)[-1] == (COMING, None, ["A2"])


def test_closed_elders_are_not_judged(cast: Cast, system: User) -> None:
    elder = poor(cast)
    assess(elder, "mild")
    close_elder(by=system, elder=elder, last_day=date(2025, 3, 4), reason="died")
    assert reclassify(by=system).count == 0
    assert history(elder) == [(FIRST, date(2025, 3, 9), ["C"])]


def test_nobody_registered_is_no_error(system: User) -> None:
    assert reclassify(by=system).count == 0


def test_queries_are_as_many_for_three_as_for_one(
    cast: Cast, system: User, django_assert_num_queries: Any
) -> None:
    def change(levels: list[str]) -> None:
        for elder, level in zip(elders, levels, strict=True):
            assess(elder, level)

    elders = [poor(cast, disability_grade=1) for _ in range(3)]
    change(["mild", "intact", "intact"])
    with django_assert_num_queries(17):
        reclassify(by=system)
    change(["mild", "mild", "mild"])
    with django_assert_num_queries(17):
        reclassify(by=system)


def test_one_change_among_fifty_writes_one_class(cast: Cast, system: User) -> None:
    elders = [poor(cast) for _ in range(50)]
    assess(elders[30], "mild")
    before = set(ClassPeriod.objects.values_list("pk", "ends_on"))
    done = reclassify(by=system)
    after = set(ClassPeriod.objects.values_list("pk", "ends_on"))
    assert (len(done.begun), done.ended, done.advised) == (1, 1, 0)
    assert (len(after - before), len(before - after)) == (2, 1)  # one begins, and one gets its end
    assert history(elders[30]) == [(FIRST, SUNDAY, ["C"]), (COMING, None, ["A2"])]


def test_statements_follow_chunks_not_elders(
    cast: Cast, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(households_at_once: int) -> list[str]:
        monkeypatch.setattr(classification, "HOUSEHOLDS_AT_ONCE", households_at_once)
        with CaptureQueriesContext(connection) as asked:
            assert reclassify(by=system).count == 0
        return [one["sql"] for one in asked]

    for _ in range(4):
        make_elder(cast.group)
    few = len(statements(50))
    for _ in range(46):
        make_elder(cast.group)
    assert len(statements(50)) == few
    a_chunk = len(statements(25)) - few
    assert len(statements(10)) == few + 4 * a_chunk
    written = [sql for sql in statements(50) if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql[:60] for sql in written] == []


def test_command_says_how_many_change(cast: Cast) -> None:
    assess(poor(cast), "mild")
    assert run("reclassify") == f"从 {COMING} 起：1 人类别有变化，1 段旧类别结束\n"
    assert run("reclassify", "--on", today()) == f"从 {COMING} 起：0 人类别有变化，0 段旧类别结束\n"


def test_command_day_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(CommandError):
        run("reclassify", "--on", "2025-02-30")


def test_past_day_before_the_registration_writes_nothing(cast: Cast) -> None:
    """A household whose one elder was registered before the day and the other after it."""
    home = make_household(cast.group)
    make_elder(home, date(1950, 1, 1), name="甲", dementia=True, registered_on=date(2025, 1, 6))
    healthy = {"living": "with_family", "able_adult_at_home": True}
    later = make_elder(home, date(1956, 1, 1), name="乙", registered_on=date(2025, 3, 25), **healthy)
    for day in ("2025-03-12", "2025-03-24"):
        run("reclassify", "--on", day)
    later.refresh_from_db()
    assert (later.status, later.class_periods.count(), later.active_periods.count()) == ("approved", 0, 0)
