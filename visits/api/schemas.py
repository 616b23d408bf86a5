"""What phones send and are answered, in the words of the OpenAPI document. What is sent is read by `actions.reading`,
which refuses field by field in words; these only describe it."""

from typing import Any

from rest_framework import serializers

from visits.actions.reading import NOTES
from visits.models import MOST_WORDS, Area, Mode, Outcome, Received, Visit
from visits.rules.positions import WORST_ACCURACY


class FindingSerializer(serializers.Serializer):
    area = serializers.ChoiceField(Area.choices)
    kinds = serializers.ListField(child=serializers.CharField(), required=False)
    words = serializers.CharField(required=False, max_length=MOST_WORDS)
    elder = serializers.UUIDField(required=False, allow_null=True, help_text="null: the whole household")
    household_mends = serializers.BooleanField(required=False)


class PositionSerializer(serializers.Serializer):
    """One reading, WGS 84. It is kept to a hundred metres, of home visits alone; one that cannot be is left out."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    accuracy = serializers.FloatField(min_value=0, max_value=WORST_ACCURACY, help_text="metres")


class RecordSerializer(serializers.Serializer):
    """One contact. Keys that this release does not know are kept and left alone."""

    schema = serializers.IntegerField(required=False, default=1, min_value=1)
    elders = serializers.ListField(child=serializers.UUIDField(), min_length=1)
    mode = serializers.ChoiceField(Mode.choices)
    outcome = serializers.ChoiceField(Outcome.choices)
    started_at = serializers.DateTimeField(help_text="ISO 8601 with an offset")
    agreed = serializers.BooleanField(required=False, allow_null=True)
    notes = serializers.DictField(
        child=serializers.CharField(max_length=MOST_WORDS), required=False, help_text="、".join(NOTES)
    )
    findings = FindingSerializer(many=True, required=False)
    answers = serializers.DictField(
        child=serializers.BooleanField(),
        required=False,
        help_text="whether a referral, by its key, is solved",
    )
    position = PositionSerializer(required=False, allow_null=True)
    sent_at = serializers.DateTimeField(
        required=False, help_text="what the phone's clock shows on sending; no content of the record"
    )


class CorrectionSerializer(RecordSerializer):
    """The key of the new record, and all of it."""

    id = serializers.UUIDField()


class WithdrawalSerializer(serializers.Serializer):
    id = serializers.UUIDField()


class ItemSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(Received.Kind.choices)
    id = serializers.UUIDField()
    visit = serializers.UUIDField(required=False, help_text="which a correction or withdrawal is about")
    record = RecordSerializer(required=False, help_text="of a visit or a correction")


class BatchSerializer(serializers.Serializer):
    app = serializers.CharField(required=False, max_length=40, help_text="the release of the app")
    person = serializers.UUIDField(
        required=False, help_text="whose records these are; refused in another person's session"
    )
    items = serializers.ListField(child=ItemSerializer(), max_length=100)


class TakenSerializer(serializers.Serializer):
    """It is stored."""

    id = serializers.CharField()
    state = serializers.ChoiceField(Visit.State.choices)
    state_words = serializers.CharField()
    late = serializers.BooleanField(help_text="typed after the Monday that follows its week")
    words = serializers.CharField()


class KeptBackSerializer(serializers.Serializer):
    """It is kept, and waits for somebody to mend what stands in its way."""

    id = serializers.CharField()
    reason = serializers.CharField()
    field = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="by field"
    )


class AnswerSerializer(serializers.Serializer):
    id = serializers.CharField()
    status = serializers.ChoiceField([201, 200, 202, 404, 409, 422, 503])
    state = serializers.CharField(allow_blank=True)
    state_words = serializers.CharField(allow_blank=True)
    late = serializers.BooleanField()
    words = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )


class AnswersSerializer(serializers.Serializer):
    now = serializers.DateTimeField(help_text="the server's clock")
    items = AnswerSerializer(many=True, help_text="in the order in which they were sent")


class OwnKeptBackSerializer(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Received.Kind.choices)
    state = serializers.CharField()
    state_words = serializers.CharField()
    words = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    when = serializers.DateTimeField()


class WaitingSerializer(serializers.Serializer):
    now = serializers.DateTimeField(help_text="the server's clock")
    kept_back = OwnKeptBackSerializer(many=True)


def problems(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys(statuses, ProblemSerializer)
