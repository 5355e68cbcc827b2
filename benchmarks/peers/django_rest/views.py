"""The operations that are measured."""

import json

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework import status
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from django_rest.filters import AnswerFilters
from django_rest.models import Answer
from django_rest.serializers import AnswerSerializer

_CHUNK = 2000


class Pages(BasePagination):
    """`_page` and `_page_size`, and the bare array: nothing is counted."""

    def paginate_queryset(self, queryset, request, view=None):
        """The page, or None where none was asked for."""
        if "_page" not in request.query_params:
            return None
        number = int(request.query_params["_page"])
        size = min(int(request.query_params["_page_size"]), 10_000)
        return list(queryset[(number - 1) * size : number * size])

    def get_paginated_response(self, data):
        """The page itself."""
        return Response(data)


class Answers(GenericViewSet):
    """Answers of the caller's customer."""

    serializer_class = AnswerSerializer
    pagination_class = Pages
    filterset_class = AnswerFilters
    ordering_fields = ("created_at", "id", "custom_id", "answer")

    def get_queryset(self):
        """Only the caller's customer's."""
        return Answer.objects.filter(customer_id=self.request.user.customer_id)

    def retrieve(self, request, pk):
        """Get one."""
        return Response(self.get_serializer(self.get_object()).data)

    def list(self, request):
        """List, as a page, an array, or lines."""
        found = self.filter_queryset(self.get_queryset())
        found = found.order_by(*(found.query.order_by or ("created_at",)), "id")
        page = self.paginate_queryset(found)
        if page is not None:
            return Response(self.get_serializer(page, many=True).data)
        if "_jsonl" in request.query_params:
            return StreamingHttpResponse(self._lines(found), content_type="application/x-ndjson")
        return Response(self.get_serializer(found, many=True).data)

    def _lines(self, found):
        """The rows of a server-side cursor, some hundreds of lines at a time."""
        render = self.get_serializer().to_representation
        with transaction.atomic():
            lines = []
            for answer in found.iterator(chunk_size=_CHUNK):
                lines.append(json.dumps(render(answer), separators=(",", ":"), default=str))
                if len(lines) == 200:
                    yield "\n".join([*lines, ""])
                    lines.clear()
            if lines:
                yield "\n".join([*lines, ""])

    @transaction.atomic
    def create(self, request):
        """Create one."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status.HTTP_201_CREATED)

    @transaction.atomic
    def bulk(self, request):
        """Create many."""
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


def ready(_):
    """Whether the server answers."""
    return HttpResponse(b"ready")
