"""The filters of answers: every field with its operators, each negated by a `!` after its name."""

import django_filters
from django_filters import rest_framework as rest

from django_rest.models import Answer


class UuidIn(django_filters.BaseInFilter, django_filters.UUIDFilter):
    """A comma list of ids."""


class TextIn(django_filters.BaseInFilter, django_filters.CharFilter):
    """A comma list of texts."""


class TimeIn(django_filters.BaseInFilter, django_filters.IsoDateTimeFilter):
    """A comma list of times."""


_TEXT = ("contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact")
_REFERENCES = (
    "integration",
    "organization",
    "answered_by_tenant",
    "answered_by_sub_tenant",
    "answered_by_organization_user",
)


def _filters():
    """Name -> filter, and the same under `name!` as its complement."""
    made = {"answer": (django_filters.BooleanFilter, "exact")}
    for name in ("id", *_REFERENCES):
        made[name] = (django_filters.UUIDFilter, "exact")
        made[f"{name}__in"] = (UuidIn, "in")
    made["created_at"] = (django_filters.IsoDateTimeFilter, "exact")
    made["created_at__in"] = (TimeIn, "in")
    for operator in ("gt", "gte", "lt", "lte"):
        made[f"created_at__{operator}"] = (django_filters.IsoDateTimeFilter, operator)
    made["custom_id"] = (django_filters.CharFilter, "exact")
    made["custom_id__in"] = (TextIn, "in")
    for operator in _TEXT:
        made[f"custom_id__{operator}"] = (django_filters.CharFilter, operator)
    for name in ("id", "answer", "created_at", "custom_id", *_REFERENCES):
        made[f"{name}__isnull"] = (django_filters.BooleanFilter, "isnull")
    for name, (kind, operator) in made.items():
        field = name.partition("__")[0]
        yield name, kind(field_name=field, lookup_expr=operator)
        yield f"{name}!", kind(field_name=field, lookup_expr=operator, exclude=True)


AnswerFilters = type(
    "AnswerFilters",
    (django_filters.FilterSet,),
    {**dict(_filters()), "Meta": type("Meta", (), {"model": Answer, "fields": []})},
)


class Negating(rest.DjangoFilterBackend):
    """Only the filters that were asked for are made: there are a hundred."""

    def get_filterset(self, request, queryset, view):
        """The filters of this request."""
        asked = [name for name in request.query_params if name in AnswerFilters.base_filters]
        if not asked:
            return None
        return _chosen(tuple(sorted(asked)))(
            data=request.query_params, queryset=queryset, request=request
        )


_made = {}


def _chosen(names):
    """The filter set with these filters, made once."""
    if names not in _made:
        if len(_made) > 500:
            _made.clear()
        filters = {name: AnswerFilters.base_filters[name] for name in names}
        _made[names] = type("Chosen", (AnswerFilters,), {"base_filters": filters})
        _made[names].base_filters = filters
    return _made[names]
