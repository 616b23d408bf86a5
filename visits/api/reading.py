"""Visits, to read."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from visitcare.kit.api import ScopedReadOnlyViewSet
from visits.models import Visit


class VisitSerializer(serializers.ModelSerializer):
    worker = serializers.CharField(source="worker.name", read_only=True)
    elders: serializers.RelatedField = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )
    flags: serializers.RelatedField = serializers.SlugRelatedField(
        slug_field="code", many=True, read_only=True
    )

    class Meta:
        model = Visit
        fields: ClassVar = [
            "id",
            "village_code",
            "worker",
            "elders",
            "mode",
            "outcome",
            "started_at",
            "received_at",
            "state",
            "review_reason",
            "flags",
        ]


class VisitFilter(filters.FilterSet):
    since = filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="lt")
    area = filters.CharFilter(field_name="village_code", lookup_expr="startswith")

    class Meta:
        model = Visit
        fields: ClassVar = ["state", "mode", "flagged"]


class VisitReading(ScopedReadOnlyViewSet):
    """Visits of the person's area, or their own; newest first."""

    queryset = Visit.objects.order_by("-started_at", "pk")
    serializer_class = VisitSerializer
    filterset_class = VisitFilter

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("worker").prefetch_related("elders", "flags")
