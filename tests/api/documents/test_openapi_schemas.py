"""What the OpenAPI documents say of items is what items are."""

from __future__ import annotations

from typing import Any

import pytest

from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from tests.api.documents.described import (
    BODIES,
    CONNECTIONS,
    ID,
    OFFERED,
    TIME,
    WRITABLE,
    follows,
    sample,
    sample_value,
    schema,
)

# -- schemas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", OFFERED)
def test_an_item_shows_all_its_fields_and_no_others(resource: Resource) -> None:
    """An answer's item is complete and closed, and so are references in it."""
    item = sample(resource)
    assert list(schema(resource)["properties"]) == [*resource.known, *CHANGED]
    assert follows(item, resource)
    assert not follows({**item, "more": 1}, resource)
    for field in resource.additive:  # where they are asked for
        assert follows({**item, field.name: sample_value(field)}, resource)
        assert (
            "Shown only with `_evidence=true`"
            in (schema(resource)["properties"][field.name]["description"])
        )
    assert follows({**item, "revision": 1, "updated_at": "2026-11-29T10:00:00Z"}, resource)
    for name in item:
        less = {other: value for other, value in item.items() if other != name}
        assert not follows(less, resource)
    for reference in resource.references:
        assert not follows({**item, reference.name: {"id": ID, "name": "x"}}, resource)


@pytest.mark.parametrize("resource", OFFERED)
def test_an_item_may_be_null_where_declared(resource: Resource) -> None:
    """Null is read where a field is nullable, or may be denied as personal information."""
    for field in resource.visible:
        item = {**sample(resource), field.name: None}
        nullable = field.nullable or field.personal or field.kind is Kind.anything
        assert follows(item, resource) == nullable, field.name


@pytest.mark.parametrize(("resource", "suffix"), BODIES[len(OFFERED) :])
def test_what_was_read_can_be_sent_back(resource: Resource, suffix: str) -> None:
    """Bodies tolerate read-only fields and keys inside references, but no unknown field."""
    item = sample(resource)
    assert follows(item, resource, suffix)
    assert follows({**item, "id": None}, resource, suffix)
    assert not follows({**item, "more": 1}, resource, suffix)
    for reference in resource.references:
        assert follows({**item, reference.name: {"id": ID, "name": "x"}}, resource, suffix)


@pytest.mark.parametrize("resource", WRITABLE, ids=lambda one: one.name)
def test_only_a_create_body_requires_fields(resource: Resource) -> None:
    """PATCH and bulk write are partial; a new item needs its required fields."""
    needed = [field.name for field in resource.writable if field.required]
    assert schema(resource, "Create").get("required", []) == needed
    assert follows({}, resource, "Update")
    assert follows({"id": ID}, resource, "BulkItem")
    assert all(f"`{name}`" in schema(resource, "Update")["description"] for name in needed)
    assert all(f"`{name}`" in schema(resource, "BulkItem")["description"] for name in needed)


def test_limits_are_stated() -> None:
    """Lengths and defaults are there; a partial body has no default that a client might send."""
    create = schema(CONNECTIONS, "Create")["properties"]
    assert (create["external_id"]["minLength"], create["external_id"]["maxLength"]) == (1, 1024)
    assert create["custom_id"]["type"] == ["string", "null"]
    assert create["hidden"]["default"] is False
    assert "default" not in schema(CONNECTIONS, "Update")["properties"]["hidden"]
    assert "default" not in schema(CONNECTIONS, "BulkItem")["properties"]["hidden"]


def test_statistics_follow_the_kinds_of_fields() -> None:
    """Each kind of field is summed up in its own way."""
    fields: dict[str, Any] = {
        field.name: {"distinct": 0, "null": 0} for field in CONNECTIONS.visible
    }
    fields["hidden"] = {"true": 1, "false": 2, "null": 0}
    fields["created_at"] = {"min": TIME, "max": None, "null": 0}
    assert follows({"count": 3, "fields": fields}, CONNECTIONS, "Statistics")
    fields["hidden"] = {"distinct": 1, "null": 0}
    assert not follows({"count": 3, "fields": fields}, CONNECTIONS, "Statistics")
