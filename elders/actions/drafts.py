"""A registration on the phone: kept field by field as it is typed, submitted as a whole."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from elders.actions.home_changes import HomeChanges, change_home, home_waits, propose_home
from elders.actions.households import fill_address, open_household
from elders.actions.locking import lock_elder
from elders.actions.registration import (
    FormData,
    RegistrationError,
    refuse_while_decided,
    register_elder,
    submit_form,
)
from elders.models import Elder, Household, RegistrationDraft, RegistrationForm
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

KEPT_FOR = timedelta(days=90)
"""How long a draft waits for whoever began it."""


def start_draft(
    *,
    by: User,
    said: Mapping[str, list[str]],
    step: str,
    begun_with: Mapping[str, list[str]] | None = None,
    household: Household | None = None,
    elder: Elder | None = None,
) -> RegistrationDraft:
    """Begin a registration; that of a known elder goes on where this person left it. `begun_with` is what the draft
    says of the household because it is on file so."""
    household = elder.household if elder else household
    require(by, Right.REGISTER_ELDER, household.place_id if household else "")
    drafts = RegistrationDraft.objects
    begun = {"household": household, "step": step, "said": said, "updated_at": timezone.now()}
    begun["begun_with"] = begun_with or {}
    if elder is None:
        return drafts.create(made_by=by, **begun)
    if not drafts.filter(made_by=by, elder=elder).exists():
        refuse_while_decided(elder)
    return drafts.get_or_create(made_by=by, elder=elder, defaults=begun)[0]


def keep_answers(
    *,
    by: User,
    draft: RegistrationDraft,
    said: Mapping[str, list[str] | None],
    step: str,
    begun_with: Mapping[str, list[str]] | None = None,
) -> RegistrationDraft:
    """Keep what was typed, right or wrong; None forgets a field. Of two pages that save at once, each keeps its fields;
    of one field the last word holds. `begun_with` is given where another household is chosen."""
    with transaction.atomic():
        kept = _own(by, draft)
        kept.said = {name: texts for name, texts in {**kept.said, **said}.items() if texts is not None}
        kept.step, kept.updated_at = step, timezone.now()
        if begun_with is not None:
            kept.begun_with = begun_with
        kept.save(update_fields=["answers", "beginning", "step", "updated_at"])
    return kept


def discard_draft(*, by: User, draft: RegistrationDraft) -> None:
    """Forget what was typed: nobody else has seen it."""
    with transaction.atomic():
        _own(by, draft).delete()


def forget_old_drafts() -> int:
    """Forget what nobody has gone on with; return how many."""
    old = RegistrationDraft.objects.filter(updated_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]


def submit_draft(
    *,
    by: User,
    draft: RegistrationDraft,
    place: Division | None,
    household: Household | None,
    address: str,
    home: HomeChanges,
    data: FormData,
) -> RegistrationForm:
    """Register what was typed and submit it to the town, once: a new household at `place`, or one that is known; `home`
    is what was said anew of the household itself. Where that decides on somebody who is registered, it waits too."""
    with transaction.atomic():
        begun = _own(by, draft)
        if begun.elder:  # before the household: whoever moves a family holds its elders first
            lock_elder(begun.elder, by=by, right=Right.REGISTER_ELDER)
        if household is None:
            if place is None:
                raise RegistrationError("没有选住在哪个村、组。请先选好。")
            household = open_household(by=by, place=place, address=address)
        else:
            fill_address(by=by, household=household, address=address)
        waits = home_waits(by=by, household=household)
        if not waits:
            change_home(by=by, household=household, changes=home)
        form = register_elder(by=by, household=household, data=data, elder=begun.elder)
        if waits and home:
            propose_home(form=form, changes=home)
        submit_form(by=by, form=form)
        begun.delete()
        return form


def _own(by: User, draft: RegistrationDraft) -> RegistrationDraft:
    """The draft as it is now, for whoever began it and may still register; nobody else changes it meanwhile."""
    require(by, Right.REGISTER_ELDER)
    found = RegistrationDraft.objects.visible_to(by).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise RegistrationError("这份登记已经提交，或者删掉了。请回到“登记”看一看。")
    return found
