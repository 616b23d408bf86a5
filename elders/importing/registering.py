"""The forms of a roster: stored and, where asked, approved; or what would become of them."""

from datetime import date
from uuid import UUID

from elders.actions import (
    FormData,
    approve_form,
    judge_again,
    register_elder,
    submit_form,
    write_class_history,
)
from elders.actions.registration import form_to_correct, refuse_submitting
from elders.importing.known import left_by_a_sheet
from elders.importing.roster import Roster
from elders.models import Elder, Household, RegistrationForm
from elders.rules import classify
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy


class Registrations:
    """Where it `plans`, it refuses what the actions would refuse and judges the same facts."""

    def __init__(self, by: User, roster: Roster, *, plans: bool, approve: bool) -> None:
        self.by, self.roster, self.plans, self.approve = by, roster, plans, approve
        self.approved: list[UUID] = []
        self.out_of_scope: dict[int, tuple[Elder, date]] = {}

    def store(self, number: int, household: Household, data: FormData, known: Elder | None) -> None:
        """What a row says of somebody new or known; `number` is the row's."""
        if self.plans:
            self._plan(number, household, data, known)
            return
        form = register_elder(by=self.by, household=household, data=data, elder=known)
        if form.state == RegistrationForm.State.APPROVED:  # a correction of an approved form
            self.approved.append(form.elder_id)
            return
        submit_form(by=self.by, form=form)
        if self.approve:
            self._approve(number, form)

    def approve_waiting(self, number: int, known: Elder, data: FormData) -> bool:
        """Approve what was imported earlier without approval; whether a form waited."""
        if not self.approve:
            return False
        day = data.registered_on
        waiting = known.forms.filter(registered_on=day, state=RegistrationForm.State.SUBMITTED).first()
        if waiting is None:
            return False
        if not left_by_a_sheet(waiting):
            form_to_correct(by=self.by, elder=known, forms=[waiting])  # refuses where more waits beside it
        if self.plans:
            self._plan_approval(number, waiting.elder.household, data, known)
        else:
            self._approve(number, waiting)
        return True

    def finish(self) -> list[int]:
        """The rows of those who are out of scope. A row's spouse or family may stand further down: only now does
        everybody live with everybody."""
        outside = [
            number for number, (elder, day) in self.out_of_scope.items() if not self._in_scope(elder, day)
        ]
        if self.approved:
            write_class_history(by=self.by, elders=self.approved)
        return outside

    def _plan(self, number: int, household: Household, data: FormData, known: Elder | None) -> None:
        day = data.registered_on
        of_day = [form for form in known.forms.all() if form.registered_on == day] if known else []
        form = form_to_correct(by=self.by, elder=known, forms=of_day) if known else None
        corrects = form is not None and form.state == RegistrationForm.State.APPROVED
        if form and not corrects:
            refuse_submitting(form)
        if self.approve:
            self._plan_approval(number, household, data, known, corrects=corrects)

    def _plan_approval(
        self,
        number: int,
        household: Household,
        data: FormData,
        known: Elder | None,
        *,
        corrects: bool = False,
    ) -> None:
        require(self.by, Right.APPROVE_ELDER, household.place_id)
        book, elder = self.roster.book, known or Elder(household=household, **data.person)
        assert book is not None  # it judges
        day = data.registered_on
        book.suppose_said(
            elder.pk,
            household.pk,
            birth_date=data.person["birth_date"],
            day=day,
            said=data.facts,
            ability=data.ability,
        )
        if not corrects and not self._in_scope(elder, day):
            self.out_of_scope[number] = elder, day

    def _in_scope(self, elder: Elder, day: date) -> bool:
        if not self.plans:
            return judge_again(by=self.by, elder=elder, day=day)
        assert self.roster.book is not None  # it judges
        return classify(self.roster.book.facts(elder.pk, day), care_policy(day)).in_scope

    def _approve(self, number: int, form: RegistrationForm) -> None:
        form.elder.refresh_from_db()
        in_scope = approve_form(by=self.by, form=form, write_classes=False)
        self.approved.append(form.elder_id)
        if not in_scope:
            self.out_of_scope[number] = form.elder, form.registered_on
