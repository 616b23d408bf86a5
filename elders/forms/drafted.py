"""The household in a draft that may have lain for weeks: what its maker has changed counts, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model
from django.utils.datastructures import MultiValueDict

from elders.actions import HomeChanges, MemberChange
from elders.forms.home import CONDITIONS, PENSION, HomeFields, MemberLine
from elders.forms.texts import Said, answers_of, bound
from elders.models import AssistanceItem, Household, HouseholdMember
from visitcare.audit.words import value_words
from visitcare.kit.masking import mask_id_number

TOLD = "told"
"""The answer that no field asks for: what others have changed meanwhile, as it was told."""
Thing = tuple[str, str, str]
"""What can be changed by itself: of which kind (home, item, member), of which one (a name, a key), and the field."""
MODELS: dict[str, type[Model]] = {"home": Household, "item": AssistanceItem, "member": HouseholdMember}
OF_A_MEMBER = ("name", "relation", "sex", "id_number", "birth_date", "health", "lives_here", "visits_often")
NEW = "new"
"""Begins the key of a line that is about nobody on file."""


class _AsStored(HomeFields):
    """What a household's file says, in the words of the form."""

    def __init__(self, data: Any = None, *, home: Household | None = None, **kwargs: Any) -> None:
        self.home = home
        super().__init__(data, **kwargs)
        if home:
            self.initial = self.begin_from(home)


def home_answers(home: Household, *, request: Any) -> Said:
    """What a draft says of a household before anything is changed."""
    return answers_of(_AsStored(home=home, request=request))


class DraftedLine(MemberLine):
    """`kept_number` is one that was typed before, and is not shown to whoever goes on."""

    kept_number = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if number := self["kept_number"].value():
            self.fields["id_number"].help_text = f"填过的是 {mask_id_number(number)}。不改就空着。"

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["id_number"] = said.get("id_number") or said.get("kept_number")
        return super().clean()


class DraftedHome(HomeFields):
    """Reads as `home` what has changed of the household since the draft was `begun_with` its file. Where somebody else
    has changed the same meanwhile, the form is refused once and tells it; what is told stands in TOLD then."""

    member_line = DraftedLine

    def __init__(self, data: Any = None, *, begun_with: Said | None = None, **kwargs: Any) -> None:
        self.begun_with = begun_with or {}
        self.before: dict[Thing, Any] = {}
        self.now: dict[Thing, Any] = {}
        super().__init__(data, **kwargs)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean()
        said["home"] = HomeChanges()
        if not self.members.is_valid() or not self.items.is_valid() or set(CONDITIONS) & set(self.errors):
            return said
        self.before = self._things(self.begun_with)
        self.now = self._things(home_answers(self.home, request=self.request)) if self.home else {}
        changed = self._changed(said)
        words = [*self._clashes(changed), *self._lost(changed)]
        data = MultiValueDict(self.data)
        if set(words) - set(data.getlist(TOLD)):
            data.setlist(TOLD, words)
            self.data = data
            self.add_error(None, f"您填的时候，这户的资料有人改过，还没有收下您的：{'；'.join(words)}。")
            self.add_error(None, "您填的都还在。请对照着看一看，改好了再提交一次。")
        said["home"] = _changes(changed)
        return said

    def news(self) -> list[str]:
        """What others have changed since the draft began."""
        things = {thing for thing in {**self.before, **self.now} if self.home and not self._same(thing)}
        return sorted({self._subject(thing) for thing in things})

    # Comparing

    def _things(self, texts: Said) -> dict[Thing, Any]:
        form = _AsStored(bound(texts), request=self.request)
        form.is_valid()
        return dict(_things(form.cleaned_data))

    def _changed(self, said: Mapping[str, Any]) -> dict[Thing, Any]:
        """What this person has changed, with its new value."""
        by_name = {(member.name, member.relation): key for key, member in self.known.items()}
        mine = dict(_things(said, by_name))
        mine |= {thing: None for thing in self.before if thing[0] == "item" and thing not in mine}
        changed = {
            thing: value for thing, value in mine.items() if _plain(value) != _plain(self.before.get(thing))
        }
        pension: list[Thing] = [("home", "", name) for name in PENSION]
        if any(thing in changed for thing in pension):  # the one makes no sense without the other
            changed |= {thing: mine[thing] for thing in pension}
        return changed

    def _same(self, thing: Thing) -> bool:
        return _plain(self.before.get(thing)) == _plain(self.now.get(thing))

    def _is_there(self, thing: Thing) -> bool:
        """Whether it is of the household itself, or of a family member who is on file or quite new."""
        return thing[0] != "member" or thing[1] in self.known or thing[1].startswith(NEW)

    # Telling

    def _clashes(self, changed: Mapping[Thing, Any]) -> Iterator[str]:
        for thing, mine in changed.items():
            now = self.now.get(thing)
            if self._is_there(thing) and not self._same(thing) and _plain(now) != _plain(mine):
                field = f"的“{_label(thing)}”" if thing[0] == "member" else ""
                was, said = _words(thing, now), _words(thing, mine)
                yield f"{self._subject(thing)}{field}现在是“{was}”，您填的是“{said}”"

    def _lost(self, changed: Mapping[Thing, Any]) -> Iterator[str]:
        """Those of the family who were taken off the file, and of whom the draft says something new."""
        gone = {thing[1] for thing in changed if not self._is_there(thing)}
        for key in sorted(gone):
            if not changed.get(("member", key, "gone")):
                name = self._subject(("member", key, ""))
                yield f"{name}已经从这户删去，您改的不会写进去；确实还在的，请“再加一位”"

    def _subject(self, thing: Thing) -> str:
        kind, of, _ = thing
        if kind == "home":
            return f"“{_label(thing)}”"
        if kind == "item":
            return f"补贴“{of}”"
        name = self.now.get(("member", of, "name")) or self.before.get(("member", of, "name")) or ""
        return f"家庭成员{name}"


def _things(
    said: Mapping[str, Any], by_name: Mapping[tuple[str, str], str] | None = None
) -> Iterator[tuple[Thing, Any]]:
    """What a form says of a household, thing by thing. A line without a key is about whoever on file has its name and
    relation, if there is one, and leaves as it is what it does not answer."""
    for name in CONDITIONS:
        yield ("home", "", name), said.get(name)
    for line in said["items"]:
        yield ("item", line["name"], "monthly_amount"), (line["monthly_amount"],)
    for number, line in enumerate(said["members"]):
        key = line["member"] or (by_name or {}).get((line["name"], line["relation"])) or f"{NEW}{number}"
        for name in (*OF_A_MEMBER, "gone"):
            value = line.get(name)
            if (name != "birth_date" and line["member"]) or _plain(value) is not None:
                yield ("member", str(key), name), value


def _plain(value: Any) -> Any:
    """As it is compared: nothing said is one, the order of a list is none."""
    return None if value == "" else sorted(value) if isinstance(value, list) else value


def _field(thing: Thing) -> Any:
    kind, _, name = thing
    return MODELS[kind]._meta.get_field(name)


def _label(thing: Thing) -> str:
    return str(_field(thing).verbose_name)


def _words(thing: Thing, value: Any) -> str:
    if thing[0] != "item":
        return value_words(_field(thing), value)
    return "没有这一项" if value is None else value_words(_field(thing), *value)


def _changes(changed: Mapping[Thing, Any]) -> HomeChanges:
    """What is to be written."""
    found = HomeChanges()
    members: dict[str, MemberChange] = {}
    for (kind, of, name), value in changed.items():
        if kind == "home":
            found.conditions[name] = value
        elif kind == "item" and value is None:
            found.dropped.append(of)
        elif kind == "item":
            (found.items[of],) = value
        else:
            key = None if of.startswith(NEW) else UUID(of)
            member = members.setdefault(of, MemberChange(said={}, member=key))
            if name == "gone":
                member.gone = dict(MemberLine.GONE)[value]
            else:
                member.said[name] = value
    found.members = list(members.values())
    return found
