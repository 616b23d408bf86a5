"""The form of one visit: who, how, when, how it went, and what was found."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils import timezone

from elders.models import Elder, Pause
from visitcare.kit.keys import uuid7
from visitcare.kit.positions import Position
from visitcare.kit.spoken import date_words, moment_words
from visitcare.kit.texts import TidyForm
from visitcare.kit.weeks import today
from visits.actions import Finding
from visits.models import MOST_WORDS, Area, Mode, Referral, Visit
from visits.rules import FINDING_WORDS, HOME, read_position

OUTCOMES = {
    "ok": {"home": "met", "greeting": "spoke"},
    "found": {"home": "met", "greeting": "spoke"},
    "absent": {"home": "not_home", "greeting": "no_answer"},
    "declined": {"home": "declined", "greeting": "declined"},
}
"""What each button of the form says, by the way of the visit."""
ANSWER = "answer_"
TIME_FORMAT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class AreaFace:
    """How one of the five areas asks: icon, what it is about, the question."""

    icon: str
    about: str
    question: str


AREA_FACES = {
    Area.HEALTH: AreaFace("heart", "说话、走路、反应、生病、心情", "哪里不好？"),
    Area.SAFETY: AreaFace("home", "房子、水、电、煤气、取暖", "哪里不安全？"),
    Area.FAMILY: AreaFace("family", "子女看望、打电话、赡养", "缺什么？"),
    Area.LIVELIHOOD: AreaFace("bowl", "吃穿住行、看病、该领的补助", "哪方面难？"),
    Area.NEEDS: AreaFace("hand", "送餐、洗澡、照料、康复、谈心", "要帮什么？"),
}


@dataclass(frozen=True, slots=True)
class AreaPart:
    """The part of the form for one area, as the template shows it."""

    code: str
    label: str
    face: AreaFace
    kinds: BoundField
    words: BoundField
    who: list[BoundWidget]
    mends: BoundField | None
    chosen: str

    @property
    def is_found(self) -> bool:
        return bool(self.chosen or self.words.value() or self.words.errors)


def answered(data: Mapping[str, Any]) -> list[UUID]:
    """The referrals that a sent form answers."""
    found = []
    for name in data:
        if name.startswith(ANSWER):
            with suppress(ValueError):
                found.append(UUID(name.removeprefix(ANSWER)))
    return found


class WordsField(forms.CharField):
    """Free text. Browsers send a line break as two characters and count it as one: so do we."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class RecordForm(TidyForm):
    """One visit to a household. `people` are its elders (see queries.people_of), `open_referrals` what is asked.

    It is shown in two steps on the same address: the first asks who, how and when, the second the five areas; each
    carries the other's fields, so that nothing typed is lost on the way.
    """

    FIRST_STEP = ("elders", "mode", "agreed", "family", "started_at", "position")

    visit_id = forms.UUIDField(widget=forms.HiddenInput)
    elders = forms.MultipleChoiceField(
        label="看望了谁",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "没有选老人。请至少选一位。",
            "invalid_choice": "选的老人不在这一户。请重新选。",
        },
    )
    mode = forms.ChoiceField(
        label="怎么看望的",
        choices=Mode.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "没有选怎么看望的。请选上门、电话或视频。",
            "invalid_choice": "没有这种看望方式。请选上门、电话或视频。",
        },
    )
    agreed = forms.BooleanField(required=False)
    family = forms.BooleanField(required=False)
    started_at = forms.DateTimeField(
        label="时间",
        input_formats=[TIME_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"],
        widget=forms.DateTimeInput(format=TIME_FORMAT, attrs={"type": "datetime-local"}),
        error_messages={
            "required": "没有写时间。请写哪天几点去的。",
            "invalid": "时间写得不对。请写成年-月-日 时:分，例如 2026-11-24 09:42。",
        },
    )
    position = forms.CharField(required=False, widget=forms.HiddenInput)
    safety_mends = forms.ChoiceField(
        required=False, choices=[("own", "能，已提醒"), ("town", "不能，报镇里")], widget=forms.RadioSelect
    )

    def __init__(
        self, *args: Any, people: Sequence[Elder], open_referrals: Sequence[Referral] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(elder.pk): elder for elder in people}
        self.open_referrals = {f"{ANSWER}{referral.pk}": referral for referral in open_referrals}
        names = [(key, elder.name) for key, elder in self.people.items()]
        self._choices("elders").choices = [(key, _labelled(elder)) for key, elder in self.people.items()]
        for name in self.open_referrals:
            self.fields[name] = forms.ChoiceField(
                required=False, choices=[("yes", "解决了"), ("no", "还没有")], widget=forms.RadioSelect
            )
        for area in Area:
            self.fields[f"{area}_kinds"] = _ticks(FINDING_WORDS[area].items())
            self.fields[f"{area}_words"] = WordsField(
                required=False,
                max_length=MOST_WORDS,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "max_length": f"“{area.label}”里写了 %(show_value)s 个字，请写在 {MOST_WORDS} 个字以内。"
                },
            )
            if area != Area.SAFETY:
                self.fields[f"{area}_who"] = _ticks(names)

    def _choices(self, name: str) -> forms.MultipleChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        return field

    # How it is shown

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, as initial values of another form: to show it again without judging it."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, name)
            for name, field in self.fields.items()
        }

    @property
    def first_step(self) -> list[BoundField]:
        return [self[name] for name in (*self.FIRST_STEP, *self.open_referrals)]

    @property
    def second_step(self) -> list[BoundField]:
        first = {"visit_id", *(field.name for field in self.first_step)}
        return [self[name] for name in self.fields if name not in first]

    @property
    def is_wrong_in_second_step_only(self) -> bool:
        return bool(self.errors) and not set(self.errors) & {field.name for field in self.first_step}

    @property
    def questions(self) -> list[tuple[Referral, BoundField]]:
        """The open referrals, each with its 解决了 / 还没有."""
        return [(referral, self[name]) for name, referral in self.open_referrals.items()]

    @property
    def ticked(self) -> list[Elder]:
        chosen = set(self["elders"].value() or [])
        return [elder for key, elder in self.people.items() if key in chosen]

    @property
    def names(self) -> str:
        return "、".join(elder.name for elder in self.ticked)

    @property
    def mode_words(self) -> str:
        mode = self["mode"].value()
        return Mode(mode).label if mode in Mode.values else ""

    @property
    def when_words(self) -> str:
        """The time as people say it; what was typed when it is no time."""
        value = self["started_at"].value()
        if not isinstance(value, datetime):
            try:
                value = self.fields["started_at"].clean(value)
            except forms.ValidationError:
                return str(value or "没有写时间")[:20]
        moment = value if timezone.is_aware(value) else timezone.make_aware(value)
        return moment_words(moment, today=today())

    @property
    def may_be_family(self) -> bool:
        """家属代答 is offered only where an elder is recorded as unable to speak or hear (domain.md §2)."""
        return any(getattr(elder, "unable", False) for elder in self.people.values())

    @property
    def areas(self) -> list[AreaPart]:
        return [self._area(area) for area in Area]

    def _area(self, area: Area) -> AreaPart:
        chosen = set(self[f"{area}_kinds"].value() or [])
        present = {str(elder.pk) for elder in self.ticked}
        several = area != Area.SAFETY and len(present) > 1
        return AreaPart(
            code=area,
            label=area.label,
            face=AREA_FACES[area],
            kinds=self[f"{area}_kinds"],
            words=self[f"{area}_words"],
            who=[box for box in self[f"{area}_who"] if box.data["value"] in present] if several else [],
            mends=self["safety_mends"] if area == Area.SAFETY else None,
            chosen="、".join(words for kind, words in FINDING_WORDS[area].items() if kind in chosen),
        )

    @property
    def mistakes(self) -> list[str]:
        """Everything that is wrong, each once, in words that name the field and the way to mend it."""
        said = [str(words) for errors in self.errors.values() for words in errors]
        return list(dict.fromkeys(said))

    # What it says

    def said(self, result: str) -> dict[str, Any]:
        """The arguments of log_visit for the button that was pressed; only for a valid form."""
        data = self.cleaned_data
        mode = data["mode"]
        outcome = OUTCOMES[result]["home" if mode == HOME else "greeting"]
        if data["family"] and outcome in ("met", "spoke"):
            outcome = "family"
        return {
            "elders": [UUID(key) for key in data["elders"]],
            "mode": mode,
            "outcome": outcome,
            "started_at": data["started_at"],
            "agreed": data["agreed"] if mode == HOME else None,
            "position": _read_position(data["position"]),
            "findings": self.findings() if result == "found" else [],
            "answers": {
                referral.pk: data[name] == "yes"
                for name, referral in self.open_referrals.items()
                if data[name]
            },
        }

    def findings(self) -> list[Finding]:
        """What was chosen or written in the areas; only for a valid form."""
        return [finding for area in Area for finding in self._findings(area)]

    def _findings(self, area: Area) -> list[Finding]:
        data = self.cleaned_data
        kinds, words = tuple(data[f"{area}_kinds"]), data[f"{area}_words"]
        if not kinds and not words:
            return []
        if area == Area.SAFETY:  # a dwelling is everybody's
            return [Finding(area, kinds, words, household_mends=data["safety_mends"] == "own")]
        present = data["elders"]
        about = [key for key in data[f"{area}_who"] if key in present]
        if not about:
            about = present if len(present) == 1 else []
        return [Finding(area, kinds, words, elder=UUID(key)) for key in about] or [
            Finding(area, kinds, words)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("family") and data.get("mode") == HOME:
            self.add_error("family", "“家里人代答”只用于电话、视频。上门请看老人本人，或者改成电话。")
        if data.get("family") and not self.may_be_family:
            self.add_error(
                "family", "登记表上没有写这户老人无法言语或听力，家里人代答不能记。请老人本人接听。"
            )
        return data


def _read_position(text: str) -> Position | None:
    """As the page writes it when somebody taps: latitude, longitude, accuracy."""
    try:
        said = dict(zip(("latitude", "longitude", "accuracy"), map(float, text.split(",")), strict=True))
    except ValueError:
        return None
    return read_position(said)


def _ticks(choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False, choices=list(choices), widget=forms.CheckboxSelectMultiple
    )


def _labelled(elder: Elder) -> str:
    """The name, and why somebody may not be met."""
    pause = getattr(elder, "pause", None)
    moved_on = getattr(elder, "moved_on", None)
    if moved_on:
        return f"{elder.name}（搬走了，在这里住到 {date_words(moved_on, today=today())}）"
    if elder.closed_on:
        left = f"{elder.get_close_reason_display()} {date_words(elder.closed_on, today=today())}"
        return f"{elder.name}（{left}）"
    return f"{elder.name}（{Pause.Reason(pause).label}）" if pause else elder.name


# What it begins with


def blank(people: Sequence[Elder], mode: str) -> dict[str, Any]:
    """A new record of now: everybody who is at home is ticked."""
    return {
        "visit_id": str(uuid7()),
        "elders": [
            str(elder.pk)
            for elder in people
            if not (elder.closed_on or getattr(elder, "pause", None) or getattr(elder, "moved_on", None))
        ],
        "mode": mode if mode in Mode.values else "",
        "agreed": True,
        "started_at": timezone.now().replace(second=0, microsecond=0),
    }


def as_recorded(visit: Visit) -> dict[str, Any]:
    """A correction begins with what was recorded, under a number of its own."""
    initial: dict[str, Any] = {
        "visit_id": str(uuid7()),
        "elders": [str(pk) for pk in visit.visited.values_list("elder", flat=True)],
        "mode": visit.mode,
        "agreed": visit.agreed is not False,
        "family": visit.outcome == "family",
        "started_at": visit.started_at,
        "position": _position_text(visit.position),
    }
    for referral in visit.referrals.order_by("pk"):
        _add_finding(initial, referral)
    for solved in visit.solved.all():
        initial[f"{ANSWER}{solved.pk}"] = "yes"
    return initial


def _position_text(position: Position | None) -> str:
    return f"{position.latitude},{position.longitude},{position.accuracy}" if position else ""


def _add_finding(initial: dict[str, Any], referral: Referral) -> None:
    area = referral.area
    kinds = initial.setdefault(f"{area}_kinds", [])
    kinds += [kind for kind in referral.kinds if kind not in kinds]
    initial[f"{area}_words"] = referral.words
    if area == Area.SAFETY:
        initial["safety_mends"] = "own" if referral.owner == Referral.Owner.HOUSEHOLD else "town"
    elif referral.elder_id:
        initial.setdefault(f"{area}_who", []).append(str(referral.elder_id))
