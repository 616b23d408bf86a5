"""What the list of elders can be narrowed to."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from elders.birthdays import soon_to_turn, with_birthday
from elders.completeness import with_short_files, with_whole_files
from elders.coverage import WHY_WORDS, Why, uncovered
from elders.due import pauses_to_review, refusing, to_ask_again
from elders.models import ClassPeriod, Elder, Household
from elders.rules import ADULT_OLD, ADVANCED, FAMILY_PLANNING_AGE
from visitcare.kit.admin import Choice, Link, OfficeRequest
from visitcare.kit.weeks import today

ANY = "any"


class ClassFilter(Choice):
    title = "类别"
    parameter_name = "class"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(str(value), str(words)) for value, words in ClassPeriod.RiskClass.choices]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(
            Exists(ClassPeriod.objects.on(today()).filter(elder=OuterRef("pk"), risk_class=value))
        )


class MissingFilter(Choice):
    """Elders whose class could be another one if more were known."""

    title = "资料"
    parameter_name = "missing"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "资料不全")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return short_of_facts(rows)


def short_of_facts(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    """Those whose present class might be another one if something were known that is not."""
    return elders.filter(merged_into=None).filter(
        Exists(ClassPeriod.objects.on(today()).filter(elder=OuterRef("pk")).exclude(verdict__missing=[]))
    )


class FileFilter(Choice):
    """Elders whose file 一户一档 lacks something, or nothing."""

    title = "一户一档"
    parameter_name = "file"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("short", "还不全的"), ("whole", "齐全的")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        registered = rows.filter(status__in=Elder.REGISTERED)
        return with_whole_files(registered) if value == "whole" else with_short_files(registered)


class SuggestionFilter(Choice):
    """Elders for whom the letter of the notice seems too mild."""

    title = "建议"
    parameter_name = "suggested"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "有建议")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        running = ClassPeriod.objects.filter(elder=OuterRef("pk"), ends_on=None)
        return rows.filter(Exists(running.exclude(suggestions=[])))


class BirthdayFilter(Choice):
    """Elders whose birthday soon means something to the rules."""

    title = "生日"
    parameter_name = "turns"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [
            (str(ADVANCED), "30 天内满 80 岁"),
            (str(FAMILY_PLANNING_AGE), "30 天内满 70 岁（计划生育特殊家庭）"),
            (str(ADULT_OLD), "30 天内满 60 岁"),
            (ANY, "30 天内过生日"),
        ]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return with_birthday(rows) if value == ANY else soon_to_turn(rows, int(value))


class PauseFilter(Choice):
    title = "暂停"
    parameter_name = "pause"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("review", "快到期或已到期，要复核")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return pauses_to_review(rows)


class WishesFilter(Choice):
    title = "探访意愿"
    parameter_name = "wishes"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("refused", "拒绝探访"), ("ask_again", "拒绝探访，该再问")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return to_ask_again(rows) if value == "ask_again" else refusing(rows)


class FilesFilter(Choice):
    """Second files of one person are looked for only by whoever wants to see them."""

    title = "并档"
    parameter_name = "files"
    initial = "own"
    all_words = "连同已并入别处的"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("own", "一人一份"), ("merged", "已并入别处的")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(merged_into__isnull=value == "own")


class HouseholdFilter(Link):
    title = "户"
    parameter_name = "household"

    def find(self, value: str) -> str:
        found = Household.objects.visible_to(self.request.user).filter(pk=value).first()
        return str(found) if found else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(household=value)


class CoverageFilter(Choice):
    """Households to which nobody goes, or soon nobody will."""

    title = "谁去探访"
    parameter_name = "uncovered"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(ANY, "没有人去的（所有）"), *WHY_WORDS.items()]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        why: Why | None = next((one for one in WHY_WORDS if one == value), None)
        return uncovered(rows, why)
