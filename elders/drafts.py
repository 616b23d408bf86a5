"""What the page 登记 reads: what is not finished, what came back, and who is on file already."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from elders.actions import KEPT_FOR
from elders.forms.phone import areas_of, registers_at
from elders.matching import by_name, by_number
from elders.models import Elder, HouseholdMember, RegistrationDraft, RegistrationForm
from visitcare.kit.identity import age_on
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import local_day, today
from visitcare.org.models import User

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft as it is listed: of whom, when it was last saved, until when it is kept."""

    draft: RegistrationDraft
    name: str
    kept_until: date


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that the town has sent back, with the reason."""

    form: RegistrationForm
    elder: Elder


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom the search has found. `act` is what can be done: open, mend, member, or nothing, which `why` explains."""

    record: Elder | HouseholdMember
    name: str
    words: str
    number: str
    act: str = ""
    why: str = ""


def drafts_of(user: User) -> list[Begun]:
    """What this person has begun and not submitted."""
    drafts = RegistrationDraft.objects.visible_to(user).select_related("elder")
    return [
        Begun(
            draft,
            (draft.said.get("name") or [""])[0] or "还没有写姓名",
            local_day(draft.updated_at + KEPT_FOR),
        )
        for draft in drafts
    ]


def returned_to(user: User) -> list[Returned]:
    """The forms that wait for being mended where this person registers."""
    waiting = _returned(user).select_related("elder__household__place").order_by("decided_at")
    return [Returned(form, form.elder) for form in waiting]


def _returned(user: User) -> "QuerySet[RegistrationForm]":
    within = in_areas("elder__household__place__code", frozenset(areas_of(user)))
    return RegistrationForm.objects.to_be_mended().filter(within)


def waiting_for(user: User) -> dict[str, "QuerySet[Any]"]:
    """The drafts and returned forms that wait, by kind; nothing for who does not register on the way."""
    if not areas_of(user):
        return {}
    return {"drafts": RegistrationDraft.objects.visible_to(user), "returned": _returned(user)}


def found_by(user: User, term: str) -> list[Found]:
    """Whoever has this name, a part of it, these last four digits or this number, as far as this person may see."""
    number = by_number(term)
    meant = by_name(term) if number is None else number
    elders = Elder.objects.visible_to(user).filter(meant, merged_into=None)
    rows = elders.select_related("household__place").order_by("name", "birth_date", "pk")[:MOST_FOUND]
    found = [_of_elder(user, elder) for elder in rows]
    members = HouseholdMember.objects.visible_to(user).filter(_of_member(term, number))
    members = members.select_related("household__place").order_by("name", "pk")[:MOST_FOUND]
    return found + [_of_family(user, member) for member in members if not _is_elder(member)]


def _of_member(term: str, number: Q | None) -> Q:
    """Family members have no index of their last digits."""
    if number is None:
        return Q(name__icontains=term)
    index = next((child[1] for child in number.children if child[0] == "id_number_index"), None)  # type: ignore[index]
    return Q(id_number_index=index) if index else Q(pk__in=[])


def _is_elder(member: HouseholdMember) -> bool:
    same = Q(name=member.name) | Q(id_number_index=member.id_number_index, id_number_index__isnull=False)
    return Elder.objects.filter(same, household=member.household_id).exists()


def _where(record: Elder | HouseholdMember) -> str:
    home = record.household
    return f"{home.place.path} {home.address}".strip()


def _of_elder(user: User, elder: Elder) -> Found:
    age = f"{elder.get_sex_display()}，{age_on(elder.birth_date, today())} 岁"
    act, why = "open", ""
    if not registers_at(user, elder.household.place_id):
        act, why = "", "不归您登记。要改，请打电话给那里的村、组。"
    elif elder.status == Elder.Status.CLOSED:
        act, why = "", "已经注销。要恢复，请打电话给镇民政办，让他们“重新入册”。"
    elif elder.forms.filter(state=RegistrationForm.State.SUBMITTED).exists():
        act, why = "", "登记表已经提交，等镇里审批。要改，请镇里先退回。"
    elif elder.forms.to_be_mended().exists():
        act = "mend"
    words = f"{age}，{_where(elder)}，{elder.get_status_display()}"
    return Found(elder, elder.name, words, elder.masked_id_number or elder.get_paper_kind_display(), act, why)


def _of_family(user: User, member: HouseholdMember) -> Found:
    heads = "、".join(member.household.elders.order_by("birth_date").values_list("name", flat=True))
    words = f"{_where(member)}{heads}家的{member.relation or '家庭成员'}，还没有登记成老人"
    act = "member" if registers_at(user, member.household.place_id) else ""
    return Found(member, member.name, words, "", act, "" if act else "不归您登记。")
