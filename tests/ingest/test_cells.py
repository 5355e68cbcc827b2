"""Values as text: whatever stands in a cell is a value, or a fault of its field."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from portvakt.ingest import cells
from portvakt.ingest.loading import Line, keys_of
from portvakt.resources import load
from portvakt.schema.fields import Reference, References
from portvakt.schema.validation import parse_body

REGISTRY = load()
FIELDS = [(resource, field) for resource in REGISTRY.offered for field in resource.writable]


@given(st.sampled_from(FIELDS), st.text(max_size=40))
def test_any_text_is_a_value_or_a_fault_of_its_field(place: tuple, text: str) -> None:  # type: ignore[type-arg]
    """Nothing in a cell stops an import, and no fault names another field."""
    resource, field = place
    line = Line(1)
    cells.fill(line, cells.Column(field), text)
    assert line.named == []
    faults = parse_body(resource, line.body).faults
    assert {fault.where.split("/")[1] for fault in faults} <= {field.name}
    if not text:
        assert faults == []


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Z")), min_size=1),
        max_size=5,
    )
)
def test_a_comma_list_of_keys_is_read_whole(keys: list[str]) -> None:
    """Whatever stands in a key, quoted as RFC 4180 says."""
    field = REGISTRY.resources["accounts.tenant"].by_name["realestates"]
    written = io.StringIO()
    csv.writer(written).writerow(keys)
    line = Line(1)
    cells.fill(line, cells.Column(field, "custom_id"), written.getvalue().rstrip("\r\n"))
    assert tuple(key for named in line.named for key in named.values) == tuple(keys)


def test_every_reference_can_be_named_by_each_key_of_its_target() -> None:
    """And by `.id`, which is the reference itself."""
    for resource in REGISTRY.offered:
        for field in resource.pointing:
            name = field.name
            assert cells.column(REGISTRY, resource, f"{name}.id") == cells.Column(field)
            for key in keys_of(REGISTRY.target(field)):
                found = cells.column(REGISTRY, resource, f"{name}.{key}")
                assert found == cells.Column(field, key)


def test_references_and_lists_have_their_form() -> None:
    """A reference is an object with an id, on the wire."""
    tenant = REGISTRY.resources["accounts.tenant"]
    line = Line(1)
    for name, text in (("organization", "a"), ("realestates", "a, b"), ("is_active", "TRUE")):
        cells.fill(line, cells.Column(tenant.by_name[name]), text)
    assert isinstance(tenant.by_name["organization"], Reference)
    assert isinstance(tenant.by_name["realestates"], References)
    many = [{"id": "a"}, {"id": "b"}]
    assert line.body == {"organization": {"id": "a"}, "realestates": many, "is_active": True}
