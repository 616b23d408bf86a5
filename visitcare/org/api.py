"""Who I am, and the divisions of my postings."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from visitcare.kit.api import ScopedReadOnlyViewSet
from visitcare.org.models import Division
from visitcare.org.roles import Role


class DivisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Division
        fields: ClassVar = ["code", "name", "level", "parent", "path", "active"]


class DivisionFilter(filters.FilterSet):
    parent = filters.CharFilter(field_name="parent_id")

    class Meta:
        model = Division
        fields: ClassVar = ["level", "active"]


class DivisionViewSet(ScopedReadOnlyViewSet):
    """The divisions below the person's postings."""

    queryset = Division.objects.all()
    serializer_class = DivisionSerializer
    filterset_class = DivisionFilter


class PostingSerializer(serializers.Serializer):
    role = serializers.CharField()
    title = serializers.CharField()
    place = serializers.CharField()


class MeSerializer(serializers.Serializer):
    name = serializers.CharField()
    postings = PostingSerializer(many=True)


class MeView(APIView):
    """The signed-in person and the postings in force today."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user: Any = request.user
        postings = [
            {"role": role, "title": Role(role).label, "place": place} for role, place in user.standing
        ]
        return Response(MeSerializer({"name": user.name, "postings": postings}).data)
