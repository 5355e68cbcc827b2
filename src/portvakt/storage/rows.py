"""Rows of the database to items and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.fields import Field, Reference
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.values import fold
from portvakt.storage.dialects import Dialect
from portvakt.storage.long_texts import DIGEST, digest, digested
from portvakt.storage.tables import CUSTOMER, FOLDED, columns_of

Convert = Callable[[Any], Any] | None
Read = Callable[[Sequence[Any]], dict[str, Any]]


class Rows:
    """Reads rows of one resource that hold the columns `names` (default: all its fields).

    - `clean` gives a row's clean values by column.
    - `item` gives the item as it travels (contract, section 3).
    """

    def __init__(
        self, resource: Resource, dialect: Dialect, names: Sequence[str] | None = None
    ) -> None:
        kinds = columns_of(resource) | dict.fromkeys(
            (link.name for link in resource.links), Kind.references
        )
        names = tuple(names if names is not None else resource.by_name)
        clean = [(name, dialect.load.get(kinds[name])) for name in names]
        known = resource.known | CHANGED
        visible = [(name, load) for name, load in clean if name in known]
        references = {name for name, _ in visible if type(known[name]) is Reference}
        self.clean = reader(clean)
        self.item = reader(
            [
                (name, load if name in references else _shown(known[name], load))
                for name, load in visible
            ],
            references,
        )


def reader(parts: Sequence[tuple[str, Convert]], references: Set[str] = frozenset()) -> Read:
    """What makes a dict of the first values of a row, each converted unless it is null.

    `references` are shown as `Reference.render` does.

    It is compiled, as `dataclasses` does: a list of 100 rows spends most of our time here, and a
    loop over the parts takes more than twice as long; so does a call for each reference.
    """
    values, shown, made = [], [], dict[str, Any]()
    for place, (name, convert) in enumerate(parts):
        value = f"v{place}"
        made[f"convert_{value}"] = convert
        values.append(value)
        converted = f"convert_{value}({value})" if convert else value
        if name in references:
            converted = f'{{"id": {converted}}}'
        null = f"None if {value} is None else " if converted != value else ""
        shown.append(f"{name!r}: {null}{converted}")
    # Of declared names alone, each as a string literal.
    source = f"def read(row): {', '.join([*values, '*_'])} = row; return {{{', '.join(shown)}}}"
    exec(source, made)  # noqa: S102
    read: Read = made["read"]
    return read


def _shown(field: Field, load: Convert) -> Convert:
    if type(field).render is Field.render:
        return load
    render = field.render
    return render if load is None else lambda value: render(load(value))


def render_item(
    resource: Resource, clean: Mapping[str, Any], fields: Mapping[str, Field] | None = None
) -> dict[str, Any]:
    """A clean item -> the item as it travels, with these fields (default: the visible ones)."""
    item = {}
    for name, field in (resource.by_name if fields is None else fields).items():
        value = clean[name]
        item[name] = None if value is None else field.render(value)
    return item


def new_row(
    resource: Resource, customer: str, clean: Mapping[str, Any], *, now: str, revision: int
) -> dict[str, Any]:
    """A clean item -> all stored columns of its row, as clean values."""
    row = {**clean, CUSTOMER: customer, "updated_at": now, "revision": revision}
    for field in resource.texts:
        text = clean[field.name]
        row[field.name + FOLDED] = None if text is None else fold(text)
    for name in digested(resource):
        row[name + DIGEST] = None if clean[name] is None else digest(clean[name])
    return row
