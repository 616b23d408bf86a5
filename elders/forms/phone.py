"""Annex 3 on a phone: the same questions as at the desk, over the answers of a draft."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet

from elders.actions import HomeChanges
from elders.actions.home_changes import proposed_home
from elders.actions.registration import proposed
from elders.forms.answers import ABILITY, CARE, CONSENT, NO_HELP, SIGNATURES
from elders.forms.apart import SetsApart
from elders.forms.drafted import DraftedHome
from elders.forms.home import MemberLine
from elders.forms.pages import NewVersionForm, household_words
from elders.forms.texts import Said
from elders.models import Elder, Household, HouseholdMember, RegistrationForm
from visitcare.kit.masking import mask_id_number
from visitcare.kit.scope import in_areas
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visitcare.org.templatetags.pages import village_words

NEW = "new"
MEMBER = "member"
"""The answer that no field asks for: the key of the family member who is registered as an elder."""
MOST_FOUND = 8


def areas_of(user: User) -> list[str]:
    """Where somebody registers elders on the way: whoever visits there and may register."""
    return sorted(area for area in user.areas_with(Right.REGISTER_ELDER) if user.may(Right.LOG_VISIT, area))


def registers_at(user: User, code: str) -> bool:
    return code.startswith(tuple(areas_of(user)))


def places_of(user: User) -> "QuerySet[Division]":
    """The groups and villages in which somebody registers elders."""
    within = in_areas("code", frozenset(areas_of(user)))
    levels = (Division.Level.GROUP, Division.Level.VILLAGE)
    return Division.objects.filter(within, level__in=levels, active=True)


def households_of(user: User) -> "QuerySet[Household]":
    """The households into which somebody registers elders."""
    within = in_areas("place__code", frozenset(areas_of(user)))
    return Household.objects.visible_to(user).filter(within).select_related("place")


class PhoneForm(DraftedHome, SetsApart):
    """Somebody new: where they live is asked too. `obj` is the household, where that is known from the start."""

    place = forms.ChoiceField(label="住在哪个组")
    household = forms.ChoiceField(
        label="哪一户",
        required=False,
        error_messages={"invalid_choice": "选的这一户，现在不在您登记的地方。请重新选“登记到哪一户”。"},
    )
    find = forms.CharField(label="找已有的户", required=False, max_length=60)
    address = forms.CharField(label="居住地址", required=False, max_length=200)
    another_household = forms.BooleanField(label="同一个地址，确实是另一户", required=False)

    def __init__(
        self, data: Any = None, *, request: Any, obj: Household | None = None, **kwargs: Any
    ) -> None:
        self.home = obj or self._chosen(data, request.user)
        super().__init__(data, request=request, obj=obj, **kwargs)
        if self.home:
            self.initial = {**self.initial, **self.begin_from(self.home)}
        user = request.user
        places = sorted(
            places_of(user).values_list("code", "name"),
            key=lambda one: (one[0][:12], len(one[0]) == 12, one[0]),
        )
        place: Any = self.fields["place"]
        place.choices = [
            (code, f"{village_words(name)}，不分组" if len(code) == 12 else name) for code, name in places
        ]
        if len(places) == 1:
            self.initial["place"] = places[0][0]
        household: Any = self.fields["household"]
        self.found = [] if obj else self._found(user)
        address = self._typed("address")
        self.same_address = next((one for one in self.found if address and one.address == address), None)
        household.choices = [(NEW, "新的一户"), *((str(one.pk), household_words(one)) for one in self.found)]
        self.initial = {**self.initial, "household": NEW, "staff_signed_by": user.name}
        if obj:
            for name in ("place", "household", "find", "another_household"):
                del self.fields[name]
        else:
            for name in self._needless():
                self.fields[name].widget.is_needless = True
        self.fields["id_number"].help_text = ""
        if self.member and self.member.id_number:
            self.keep_number("id_number", mask_id_number(self.member.id_number))

    @property
    def member(self) -> HouseholdMember | None:
        """The family member who is registered: their number is not shown, where nobody asks why it is looked at."""
        return self.known.get(self.data.get(MEMBER) or "") if self.is_bound else None

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.member and not said.get("id_number") and said.get("paper_kind") == Elder.Paper.ID_CARD:
            said["id_number"] = self.member.id_number
        return super().clean()

    def _needless(self) -> Iterator[str]:
        """What there is no reason to ask yet."""
        if not self.found:
            yield "household"
        if not self.same_address:
            yield "another_household"

    def _chosen(self, data: Any, user: User) -> Household | None:
        """The household that was chosen among those found."""
        chosen = (data or {}).get("household") or NEW
        return None if chosen == NEW else households_of(user).filter(pk=key_of(chosen)).first()

    def _found(self, user: User) -> list[Household]:
        """The households that may be meant: the chosen one, those at the address, those that were looked for."""
        address, sought = self._typed("address"), self._typed("find")
        meant = Q(pk=self.home.pk) if self.home else Q(pk=None)
        if address:
            meant |= Q(address=address)
        if sought:
            meant |= Q(address__icontains=sought) | Q(number=sought)
            meant |= Q(elders__name__icontains=sought) | Q(members__name__icontains=sought)
        rows = households_of(user).filter(meant).order_by("place", "address", "pk").distinct()
        return list(rows[:MOST_FOUND])

    def _typed(self, name: str) -> str:
        return (self.data.get(name) or "").strip() if self.is_bound else ""

    @property
    def household_known(self) -> Household | None:
        return self.home

    def place_code(self, said: dict[str, Any]) -> str:
        areas = areas_of(self.request.user)
        return said.get("place") or (areas[0] if areas else "")

    def set_apart(self, said: dict[str, Any]) -> None:
        same = self.same_address
        if same and not self.home and not said.get("another_household"):
            words = (
                f"这个地址已经有一户：{household_words(same)}。是同一户，请在下面选它；确实是另一户，请打勾。"
            )
            self.add_error("address", words)
        if said.get("signer") and not said.get("signed_on"):
            said["signed_on"] = said.get("registered_on")
        super().set_apart(said)


class PhoneRenewal(DraftedHome, NewVersionForm):
    """A new form of a known elder, or a returned one that is mended: `obj` is the elder."""

    def __init__(self, data: Any = None, *, obj: Elder, **kwargs: Any) -> None:
        self.home = obj.household
        self.returned = obj.forms.to_be_mended().first()
        self.proposed = proposed(self.returned) if self.returned else None
        home = proposed_home(self.returned) if self.returned else None
        self.proposed_home = home or HomeChanges()
        super().__init__(data, obj=obj, **kwargs)

    def _known(self) -> dict[str, Any]:
        known = super()._known() | self.begin_from(self.obj.household)
        if self.returned:
            known["registered_on"] = self.returned.registered_on
        if data := self.proposed:
            known |= {name: value for name, value in data.person.items() if name not in self.MASKS}
            known |= {name: data.signatures.get(name) for name in SIGNATURES}
            known |= dict(zip(CARE, (data.care, data.care_agreed_with), strict=True))
            known |= {name: getattr(data, name) for name in (*ABILITY, *CONSENT)}
        return known

    def begin_from(self, home: Household) -> dict[str, Any]:
        said = self.proposed_home.conditions
        nobody = {"helping_bodies": [NO_HELP]} if said.get("helping_bodies") == [] else {}
        return super().begin_from(home) | said | nobody

    def member_rows(self) -> list[dict[str, Any]]:
        rows = super().member_rows()
        of_key = {row["member"]: row for row in rows}
        reasons = {words: name for name, words in MemberLine.GONE}
        for change in self.proposed_home.members:
            said = {name: value for name, value in change.said.items() if name != "id_number"}
            said |= {"kept_number": change.said.get("id_number", ""), "gone": reasons.get(change.gone, "")}
            if change.member is None:
                rows.append(said)
            elif change.member in of_key:
                of_key[change.member] |= said
        return rows

    def item_rows(self) -> list[dict[str, Any]]:
        said = self.proposed_home
        rows = {row["name"]: row for row in super().item_rows() if row["name"] not in said.dropped}
        rows |= {name: {"name": name, "monthly_amount": amount} for name, amount in said.items.items()}
        return list(rows.values())

    def number(self, name: str) -> str:
        """The one that the returned form said, where it said one."""
        return str(self.proposed.person[name]) if self.proposed else super().number(name)

    def version(self) -> RegistrationForm | None:
        return self.returned or super().version()


# Answers


def key_of(text: str | None) -> UUID:
    """The key that was sent; what is none finds nothing."""
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


LIVED_TOGETHER = ("living", "child_location", "able_adult_at_home", "left_behind")
"""What holds for the other elder of a household as well, most often."""


def answers_of_cohabitant(household: Household) -> Said:
    """What the form of another elder of the household says of both."""
    latest = RegistrationForm.objects.filter(elder__household=household).order_by("-registered_on").first()
    if latest is None or latest.living in ("", RegistrationForm.Living.ALONE):
        return {}
    said = {name: getattr(latest, name) for name in LIVED_TOGETHER}
    said["spouse_location"] = latest.spouse_location
    words = {True: "true", False: "false"}
    return {name: [words.get(value, str(value))] for name, value in said.items() if value not in (None, "")}
