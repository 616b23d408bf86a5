"""Registering an elder (annex 3): draft → submitted by the village → approved or returned by the town."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from elders.actions.care import agree_care_plan
from elders.actions.classification import write_class_history
from elders.actions.home_changes import change_home, proposed_home
from elders.actions.locking import lock_elder
from elders.facts import FactBook
from elders.matching import LIKE_WORDS, Match
from elders.models import (
    ActivePeriod,
    Assessment,
    Consent,
    Elder,
    Household,
    Proposal,
    RegistrationForm,
    Residence,
)
from elders.rules import SCORES, classify
from visitcare.audit.actions import record
from visitcare.audit.models import Event
from visitcare.kit.encryption import save_changes
from visitcare.kit.weeks import midnight, today
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy

OPEN = (RegistrationForm.State.DRAFT, RegistrationForm.State.RETURNED)
"""The states in which the village still writes."""
ALREADY_SUBMITTED = "这张登记表已经提交过了，不用再提交。"


class RegistrationError(ValueError):
    """What cannot be registered or approved, in words for the person who tries."""


@dataclass(slots=True)
class FormData:
    """What one registration says: the elder's own data, the form's facts, ability and consent, on one day.

    `signatures` are fields of Consent, those of whoever signed and when; `care` is what the visits are to bring, ""
    where nothing was agreed.
    """

    registered_on: date
    person: dict[str, Any]
    facts: dict[str, Any]
    ability: str = ""
    score: int | None = None
    assessor: str = ""
    mismatch_reason: str = ""
    consent: str = Consent.Kind.FULL
    consent_reason: str = ""
    signatures: dict[str, Any] = field(default_factory=dict)
    care: str = ""
    care_agreed_with: str = ""
    changed: set[str] = field(default_factory=set)
    looked_at: list[dict[str, str]] = field(default_factory=list)
    """The records that were like this person's and are not theirs, as whoever registers says: kept with the event."""


def check_score(ability: str, score: int | None, mismatch_reason: str = "") -> str:
    """The level, from the score where only that is given. Level and score must agree or give a reason (domain.md §1)."""
    if score is None:
        return ability
    fitting = next((level for level, (low, high) in SCORES.items() if low <= score <= high), "")
    if not fitting:
        raise RegistrationError(f"能力评分 {score} 不在 0—90 分之内。请核对评估报告。")
    if ability and ability != fitting and not mismatch_reason:
        said, meant = Assessment.Level(ability).label, Assessment.Level(fitting).label
        raise RegistrationError(
            f"能力程度写的是“{said}”，评分 {score} 分应是“{meant}”。请改一致；确实不一致的，在说明里写明原因。"
        )
    return ability or fitting


def register_elder(
    *, by: User, household: Household, data: FormData, elder: Elder | None = None
) -> RegistrationForm:
    """Write one version of annex 3 for a new or known elder, as a draft that holds from `data.registered_on`.

    A form of the same day is corrected in place; one that is approved already, only by who may approve. Of somebody
    registered nothing changes before the form is approved: all that it says waits beside it.
    """
    data.ability = check_score(data.ability, data.score, data.mismatch_reason)
    with transaction.atomic():
        if elder is None:
            require(by, Right.REGISTER_ELDER, household.place_id)
            elder = Elder.objects.create(household=household, **data.person)
            Residence.objects.create(elder=elder, household=household)
        else:
            elder = lock_elder(elder, by=by, right=Right.REGISTER_ELDER)
        form = _form_of_day(by, elder, data)
        Proposal.objects.filter(form=form).delete()
        if elder.status in Elder.REGISTERED and form.state != RegistrationForm.State.APPROVED:
            propose(form, data)
        else:
            _write_person(by, elder, data)
        record(
            by=by,
            verb="register_elder",
            words=f"登记{elder.name}（{data.registered_on}）",
            about=elder,
            where=elder.household.place,
            data={"changed": sorted(data.changed)}
            | ({"looked_at": data.looked_at} if data.looked_at else {}),
        )
        return form


def _refuse_closed(elder: Elder) -> None:
    if elder.status == Elder.Status.CLOSED:
        raise RegistrationError(
            f"{elder.name}已经注销（{elder.closed_on}）。要恢复，请由镇民政办办理“重新入册”。"
        )


def refuse_while_decided(elder: Elder) -> None:
    """What lies before the town does not change under its eyes; a closed record is the town's to open."""
    _refuse_closed(elder)
    if elder.forms.filter(state=RegistrationForm.State.SUBMITTED).exists():
        raise RegistrationError(f"{elder.name}的登记表已经提交，等镇里审批。要改，请镇里先退回。")


def _write_person(by: User, elder: Elder, data: FormData) -> None:
    """Write what a registration says beside the form's own facts. What only says again what is known makes nothing new:
    nobody was assessed or asked anew because a form was."""
    day = data.registered_on
    save_changes(elder, data.person)
    assessment = {
        "level": data.ability,
        "score": data.score,
        "assessor": data.assessor,
        "mismatch_reason": data.mismatch_reason,
    }
    known = elder.assessments.filter(assessed_on__lte=day).order_by("assessed_on").last()
    if data.ability and _says_otherwise(known, assessment):
        Assessment.objects.update_or_create(elder=elder, assessed_on=day, defaults=assessment)
    consent = {"kind": data.consent, "reason": data.consent_reason, **data.signatures}
    if _says_otherwise(elder.consents.filter(since__lte=day).order_by("since").last(), consent):
        Consent.objects.update_or_create(elder=elder, since=day, defaults=consent)
    care = {"content": data.care.strip(), "agreed_with": data.care_agreed_with}
    plan = elder.care_plans.filter(agreed_on__lte=day).order_by("agreed_on").last()
    if data.care and _says_otherwise(plan, care):
        agree_care_plan(by=by, elder=elder, agreed_on=day, **care)


def _says_otherwise(known: Model | None, said: Mapping[str, Any]) -> bool:
    return known is None or any(getattr(known, name) != value for name, value in said.items())


_PROPOSED = (
    *("person", "ability", "score", "assessor", "mismatch_reason", "consent", "consent_reason"),
    *("signatures", "care", "care_agreed_with"),
)


def propose(form: RegistrationForm, data: FormData) -> None:
    """Keep beside the form what is to hold when the town approves it."""
    said = {name: getattr(data, name) for name in _PROPOSED}
    content = json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)
    Proposal.objects.create(form=form, content=content)


def proposed(form: RegistrationForm) -> FormData | None:
    """What of the person waits beside the form, if anything does."""
    proposal = Proposal.objects.filter(form=form).first()
    said: dict[str, Any] = json.loads(proposal.content) if proposal else {}
    said.pop("home", None)
    if not said:
        return None
    for model, names in ((Elder, said["person"]), (Consent, said["signatures"])):
        for name in names:
            names[name] = model._meta.get_field(name).to_python(names[name])  # type: ignore[union-attr]
    return FormData(registered_on=form.registered_on, facts={}, **said)


def _form_of_day(by: User, elder: Elder, data: FormData) -> RegistrationForm:
    same_day = elder.forms.filter(registered_on=data.registered_on)
    form = form_to_correct(by=by, elder=elder, forms=same_day)
    form = form or RegistrationForm(elder=elder, registered_on=data.registered_on)
    for name, value in {**data.facts, "made_by": by}.items():
        setattr(form, name, value)
    form.save()
    return form


def form_to_correct(*, by: User, elder: Elder, forms: Iterable[RegistrationForm]) -> RegistrationForm | None:
    """Of an elder's forms of one day the one that a new word of that day corrects. Raise what stands against a new word;
    an import that only looks ahead asks here, too."""
    place = elder.household.place_id
    _refuse_closed(elder)
    if not by.may(Right.REVIEW_REGISTRATION, place):
        refuse_while_decided(elder)
    by_state = {form.state: form for form in forms}
    waiting = by_state.get(RegistrationForm.State.SUBMITTED)
    if waiting and hasattr(waiting, "proposal"):
        raise RegistrationError(
            f"{elder.name} {waiting.registered_on} 的登记表（{waiting.made_by}填的）还等着批准。请先批准或者退回那一张，再登记。"
        )
    approved = by_state.get(RegistrationForm.State.APPROVED)
    if approved:
        require(by, Right.APPROVE_ELDER, place)
    return approved or next(iter(by_state.values()), None)


def refuse_submitting(form: RegistrationForm) -> None:
    """A form is submitted once."""
    if form.state not in OPEN:
        raise RegistrationError(ALREADY_SUBMITTED)


def note_unseen(*, by: User, matches: Iterable[Match]) -> None:
    """Put on record that somebody was told of records which they may not see, each once a day. Nobody tries one number
    after the other unseen: the event lies where the record lies, for those who answer for it there."""
    unseen = [match for match in matches if not match.is_seen]
    if not unseen:
        return
    told = Event.objects.filter(actor_id=by.audit_id, verb="note_unseen", at__gte=midnight(today()))
    known = set(told.values_list("about_id", flat=True))
    with transaction.atomic():
        for match in unseen:
            if str(match.record.pk) not in known:
                record(
                    by=by,
                    verb="note_unseen",
                    words=f"登记时遇到别处的档案：{LIKE_WORDS[match.likeness]}",
                    about=match.record,
                    where=match.record.household.place,
                    data={"likeness": match.likeness.value},
                )


def submit_form(*, by: User, form: RegistrationForm) -> None:
    """The village has finished; the town decides."""
    with transaction.atomic():
        elder = lock_elder(form.elder, by=by, right=Right.REGISTER_ELDER)
        changed = RegistrationForm.objects.filter(pk=form.pk, state__in=OPEN).update(
            state=RegistrationForm.State.SUBMITTED
        )
        if not changed:
            raise RegistrationError(ALREADY_SUBMITTED)
        Elder.objects.filter(pk=elder.pk, status=Elder.Status.DRAFT).update(status=Elder.Status.SUBMITTED)
        record(
            by=by,
            verb="submit_form",
            words=f"提交{elder.name}的登记表",
            about=elder,
            where=elder.household.place,
        )


def return_form(*, by: User, form: RegistrationForm, reason: str) -> None:
    """Send a form back to the village, saying why."""
    if not reason.strip():
        raise RegistrationError("退回要写原因，村里才知道怎么改。")
    with transaction.atomic():
        elder = lock_elder(form.elder, by=by, right=Right.REVIEW_REGISTRATION)
        changed = RegistrationForm.objects.filter(pk=form.pk, state=RegistrationForm.State.SUBMITTED).update(
            state=RegistrationForm.State.RETURNED,
            decided_by=by,
            decided_at=timezone.now(),
            decision_reason=reason,
        )
        if not changed:
            raise RegistrationError("只有待审批的登记表能退回。这张的状态已经变了，请刷新看看。")
        Elder.objects.filter(pk=elder.pk, status=Elder.Status.SUBMITTED).update(status=Elder.Status.DRAFT)
        record(
            by=by,
            verb="return_form",
            words=f"退回{elder.name}的登记表",
            reason=reason,
            about=elder,
            where=elder.household.place,
        )


def approve_form(*, by: User, form: RegistrationForm, write_classes: bool = True) -> bool:
    """Approve a form as of its day: the elder is active if in scope then, with a class from the next Monday
    (domain.md §2). Return whether the elder is in scope on that day.

    An importer that approves many passes `write_classes=False` and writes the classes of all of them at its end.
    """
    with transaction.atomic():
        elder = form.elder = lock_elder(form.elder, by=by, right=Right.APPROVE_ELDER)
        if elder.status == Elder.Status.CLOSED:
            raise RegistrationError(
                f"{elder.name}已于 {elder.closed_on} 注销，不能批准。请退回这张登记表，或者先办“重新入册”。"
            )
        # A form is decided once, by whoever comes first.
        changed = RegistrationForm.objects.filter(pk=form.pk, state=RegistrationForm.State.SUBMITTED).update(
            state=RegistrationForm.State.APPROVED,
            decided_by=by,
            decided_at=timezone.now(),
            decision_reason="",
        )
        if not changed:
            raise RegistrationError("只有待审批的登记表能批准。这张的状态已经变了，请刷新看看。")
        if data := proposed(form):
            _write_person(by, elder, data)
        if home := proposed_home(form):
            change_home(by=by, household=elder.household, changes=home)
        Proposal.objects.filter(form=form).delete()
        _enter_registry(elder)
        in_scope = enter_scope(elder, form.registered_on)
        if write_classes:
            write_class_history(by=by, elders=[elder.pk])
        record(
            by=by,
            verb="approve_form",
            words=f"批准{elder.name}的登记表，{'在' if in_scope else '暂不在'}探访范围",
            about=elder,
            where=elder.household.place,
        )
    return in_scope


def judge_again(*, by: User, elder: Elder, day: date) -> bool:
    """Judge somebody who was approved as out of scope once more, when those who live with them are approved too:
    active from that day on if in scope on it. Return whether in scope."""
    require(by, Right.APPROVE_ELDER, elder.household.place_id)
    with transaction.atomic():
        in_scope = enter_scope(elder, day)
        if in_scope:
            record(
                by=by,
                verb="judge_again",
                words=f"{elder.name}和同住的老人一并判定，在探访范围",
                about=elder,
                where=elder.household.place,
            )
    return in_scope


def enter_scope(elder: Elder, day: date) -> bool:
    """Make an approved elder active from a day on which they are in scope. Return whether they are."""
    verdict = classify(FactBook([elder.household_id]).facts(elder.pk, day), care_policy(day))
    if verdict.in_scope and elder.status == Elder.Status.APPROVED:
        before = ActivePeriod.objects.filter(elder=elder, ends_on=day - timedelta(days=1)).first()
        if before:  # reopened without a gap
            before.ends_on = None
            before.save(update_fields=["ends_on"])
        else:
            ActivePeriod.objects.create(elder=elder, starts_on=day)
        elder.status = Elder.Status.ACTIVE
        elder.save(update_fields=["status"])
    return verdict.in_scope


def _enter_registry(elder: Elder) -> None:
    """One record per person in the county: the unique index refuses a second."""
    if elder.status in Elder.REGISTERED:
        return
    elder.status = Elder.Status.APPROVED
    try:
        with transaction.atomic():
            elder.save(update_fields=["status"])
    except IntegrityError:
        raise RegistrationError(
            f"{elder.name}的证件号码已经在册（可能在别的村）。请先查找那份档案，不要重复建档。"
        ) from None
