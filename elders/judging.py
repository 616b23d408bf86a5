"""What imports of elders, their families and their deaths have in common: classes rest on their rows."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from elders.actions import judge_household
from elders.models import Assessment, Consent, Elder, HouseholdMember, RegistrationForm, ScreenedPerson
from visitcare.org.importing import Importer, Keys, Rows
from visitcare.org.models import User


class JudgingImporter(Importer):
    """One whose rows decide on classes: when it is taken back, everybody of the households is judged anew. That somebody
    has come onto the list of a screening meanwhile, and nobody has looked, is no obstacle: that goes too."""

    unanswered = {ScreenedPerson: Q(result=ScreenedPerson.Result.WAITING)}

    @classmethod
    def touched_by(cls, rows: Keys) -> Collection[Any]:
        """The households whose classes rest on these rows."""
        elders = set(rows.get(Elder, ()))
        for model in (RegistrationForm, Assessment, Consent):
            its = model._base_manager.filter(pk__in=rows.get(model, ()))
            elders |= set(its.values_list("elder", flat=True))
        members = HouseholdMember.objects.filter(pk__in=rows.get(HouseholdMember, ()))
        homes = Elder.objects.filter(pk__in=elders).values_list("household", flat=True)
        return set(homes) | set(members.values_list("household", flat=True))

    @classmethod
    def taken_back(cls, *, by: User, was: Rows, opened: Keys, touched: Collection[Any]) -> None:
        left = Elder.objects.filter(household__in=touched).values_list("household", flat=True)
        for household in left.order_by("household").distinct():
            judge_household(household, by=by)
