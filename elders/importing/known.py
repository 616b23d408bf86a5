"""What a row leaves open of somebody, filled in with what was said of them before; and where it says otherwise."""

from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from elders.actions import FormData
from elders.actions.registration import check_score, proposed
from elders.models import Assessment, Consent, Elder, RegistrationForm
from elders.people import refuse_own_emergency
from visitcare.org.importing import FieldChange, changes_of

NO_REASON = "没有写原因"
IMPLIED: dict[str, str] = {
    "able_adult_at_home": RegistrationForm.Living.WITH_FAMILY,
    "lives_with_dependent_child_long_term": RegistrationForm.Living.WITH_DEPENDENT_CHILD,
}
"""What a way of living says by itself, for no column asks it."""
FIRST: dict[str, Any] = {
    "spouse_location": RegistrationForm.Location.NONE,
    "child_location": RegistrationForm.Location.NONE,
    "dementia": None,
    "cannot_speak_or_hear": None,
    "disability_grade": None,
    "serious_illness": False,
    "illness_id": None,
    "illness_evidence": "",
    "illness_words": "",
    "past_illnesses": "",
    "economy": None,
    "monthly_income": None,
    "income_source": "",
    "family_planning_special": None,
    "left_behind": None,
    "cares_for_dependent_child": None,
    "other": "",
}
"""What empty cells of somebody's first form stand for (contracts.md, *Elders*)."""
CALLED = ("name", "phone", "emergency_name", "emergency_phone")


@dataclass(frozen=True, slots=True)
class Past:
    """What was known of somebody on a day: nothing, where they are new."""

    elder: Elder | None = None
    form: RegistrationForm | None = None
    assessment: Assessment | None = None
    consent: Consent | None = None

    @classmethod
    def of(cls, elder: Elder | None, day: date) -> "Past":
        """The form is the day's own, else the last that was approved, else the last at all."""
        if elder is None:
            return cls()
        approved = RegistrationForm.State.APPROVED
        forms = (form for form in elder.forms.all() if form.registered_on <= day)
        assessments = (one for one in elder.assessments.all() if one.assessed_on <= day)
        consents = (one for one in elder.consents.all() if one.since <= day)
        form = max(
            forms,
            key=lambda form: (form.registered_on == day, form.state == approved, form.registered_on),
            default=None,
        )
        past = cls(
            elder,
            form,
            max(assessments, key=lambda one: one.assessed_on, default=None),
            max(consents, key=lambda one: one.since, default=None),
        )
        said = form and form.registered_on == day and left_by_a_sheet(form)
        return past.with_what_waits(elder, said) if said else past

    def with_what_waits(self, elder: Elder, said: FormData) -> "Past":
        """The same where the town approves the form: what a row says again is no change."""
        elder = copy(elder)
        for name, value in said.person.items():
            setattr(elder, name, value)
        assessment = self.assessment
        if said.ability:
            how = {"assessor": said.assessor, "mismatch_reason": said.mismatch_reason}
            assessment = Assessment(level=said.ability, score=said.score, **how)
        consent = Consent(kind=said.consent, reason=said.consent_reason)
        return Past(elder, self.form, assessment, consent)


def left_by_a_sheet(form: RegistrationForm) -> FormData | None:
    """What an import before this one has left waiting beside a form. A page asks for more than a sheet: whoever signed,
    and what was agreed on; that is not decided by a sheet, which does not show it."""
    said = proposed(form) if hasattr(form, "proposal") else None
    return said if said and not (said.signatures or said.care) else None


def fill_in(data: FormData, past: Past) -> None:
    """Take over what the row does not say. Raise where the whole cannot be."""
    data.facts = _facts(data.facts, past.form)
    _take_over_ability(data, past.assessment)
    data.ability = check_score(data.ability, data.score, data.mismatch_reason)
    if past.consent and past.consent.kind == data.consent:
        data.consent_reason = data.consent_reason or past.consent.reason
    if data.consent == Consent.Kind.REFUSED:
        data.consent_reason = data.consent_reason or NO_REASON
    whole = data.person
    if past.elder:
        data.person = _with_one_contact(data.person, past.elder)
        whole = {name: getattr(past.elder, name) for name in CALLED} | data.person
    refuse_own_emergency(whole)


def differences(data: FormData, past: Past) -> list[FieldChange]:
    """Where a row says otherwise than what was known."""
    changes = changes_of(Elder, past.elder, data.person)
    if past.form is None:
        return changes
    changes += changes_of(RegistrationForm, past.form, data.facts)
    if data.ability:
        changes += changes_of(Assessment, past.assessment, {"level": data.ability, "score": data.score})
    return changes + changes_of(Consent, past.consent, {"kind": data.consent, "reason": data.consent_reason})


def _facts(said: dict[str, Any], form: RegistrationForm | None) -> dict[str, Any]:
    implied = {name: said["living"] == living for name, living in IMPLIED.items()}
    if form is None:
        return FIRST | implied | said
    facts = {name: getattr(form, name) for name in (*FIRST, *IMPLIED)}
    if said["living"] != form.living:
        facts |= implied
    facts |= said
    if any(facts[name] != getattr(form, name) for name in ("illness_id", "illness_words")):
        facts["illness_evidence"] = ""  # it shows another illness
    return facts


def _take_over_ability(data: FormData, known: Assessment | None) -> None:
    """Of the level and the score one may be left open; those that are known bring their assessor, and why they differ."""
    if known is None or not (data.ability or data.score is not None):
        return
    if data.ability in ("", known.level) and data.score in (None, known.score):
        data.ability, data.score = known.level, known.score
        data.assessor, data.mismatch_reason = known.assessor, known.mismatch_reason


def _with_one_contact(person: dict[str, Any], elder: Elder) -> dict[str, Any]:
    """Somebody else who is to be called does not have the number of whoever was called before."""
    name = person.get("emergency_name")
    if name and elder.emergency_name and name != elder.emergency_name:
        return {"emergency_sex": "", "emergency_phone": "", **person}
    return person
