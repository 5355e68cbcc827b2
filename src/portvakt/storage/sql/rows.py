"""Rows of the database to items and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache, partial
from typing import Any

import msgspec
import structlog

from portvakt.errors import FaultCode
from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.fields import Field, Reference, Text
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.values import fold
from portvakt.storage.databases.unreadable import Mended, Unreadable, nearest, unreadable_in
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.long_texts import DIGEST, digest, digested
from portvakt.storage.sql.tables import CUSTOMER, FOLDED, columns_of

_log = structlog.get_logger(__name__)

FAULTS = "_faults"
"""What an item has besides its fields if some of its values can't be read: what is wrong."""

UNREADABLE = "What is stored here can't be read. Give it a value, or null."

_NESTED = (Kind.object, Kind.objects, Kind.texts, Kind.anything, Kind.references)
_encode = msgspec.json.Encoder().encode

Convert = Callable[[Any], Any] | None
Read = Callable[[Sequence[Any]], dict[str, Any]]
ReadAll = Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]


class Rows:
    """Reads rows of one resource that hold the columns `names` (default: all its fields).

    - `clean` gives a row's clean values by column.
    - `item` gives the item as it travels (decision record 2); `items` those of many rows.
    """

    def __init__(
        self, resource: Resource, dialect: Dialect, names: Sequence[str] | None = None
    ) -> None:
        kinds = columns_of(resource) | dict.fromkeys(
            (link.name for link in resource.links), Kind.references
        )
        names = tuple(names if names is not None else resource.by_name)
        self._resource = resource
        self._known = resource.known | CHANGED
        self._parts = [(name, kinds[name], dialect.load.get(kinds[name])) for name in names]
        clean = [(name, dialect.load.get(kinds[name])) for name in names]
        known = self._known
        visible = [(name, load) for name, load in clean if name in known]
        references = {name for name, _ in visible if type(known[name]) is Reference}
        self.clean = reader(clean, otherwise=self._mended)
        parts = [
            (name, load if name in references else _shown(known[name], load))
            for name, load in visible
        ]
        self.item = reader(parts, references, otherwise=self._told)
        self._listed = partial(_list_reader, parts, references)
        self._of_width: dict[int, ReadAll] = {}
        self._width = len(parts)

    def items(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """The items of rows of one statement, as `item` gives each."""
        if not rows:
            return []
        width = len(rows[0])
        read = self._of_width.get(width)
        if read is None:
            read = self._of_width[width] = self._listed(width - self._width)
        try:
            return read(rows)
        except Exception:  # one of them can't be read
            return [self.item(row) for row in rows]

    def _mended(self, row: Sequence[Any]) -> dict[str, Any]:
        """The clean values of a row of which some can't be read: null stands for those, or near."""
        values: dict[str, Any] = {}
        unreadable: list[str] = []
        for place, (name, kind, load) in enumerate(self._parts):
            raw = row[place]
            try:
                values[name] = _loaded(load, raw)
            except Exception:  # whatever a converter makes of what it can't know
                unreadable.append(name)
                values[name] = self._instead(name, kind, raw)
        _log.warning("unreadable values", resource=self._resource.name, fields=unreadable)
        return Mended(values, frozenset(unreadable))

    def _instead(self, name: str, kind: Kind, raw: Any) -> Any:
        field = self._resource.stored.get(name)
        if field is None or (field.nullable and field.default is None):
            return None if kind is not Kind.time else nearest(kind, raw)
        return nearest(kind, raw) if field.default is None else field.default

    def _told(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row with values that can't be read, as an item: null, and a fault, for each of them."""
        clean = self._mended(row)
        unreadable = unreadable_in(clean)
        fields = {name: self._known[name] for name in clean if name in self._known}
        item = render_item(self._resource, clean, fields) | dict.fromkeys(
            fields.keys() & unreadable
        )
        faults = [
            {"pointer": f"/{name}", "code": FaultCode.unreadable.value, "detail": UNREADABLE}
            for name in fields
            if name in unreadable
        ]
        return {**item, FAULTS: faults}


def _loaded(load: Convert, raw: Any) -> Any:
    if type(raw) is Unreadable:
        raise ValueError(UNREADABLE)
    return raw if load is None or raw is None else load(raw)


Parts = Sequence[tuple[str, Convert]]


def reader(
    parts: Parts, references: Set[str] = frozenset(), *, otherwise: Read | None = None
) -> Read:
    """What makes a dict of the first values of a row, each converted unless it is null.

    `references` are shown as `Reference.render` does. `otherwise` reads a row that can't be read
    so; left out, what went wrong is raised.

    It is compiled, as `dataclasses` does: a list of 100 rows spends most of our time here, and a
    loop over the parts takes more than twice as long; so does a call for each reference.
    """
    values, shown, made = _compiled(parts, references)
    source = f"{', '.join([*values, '*_'])} = row; return {shown}"
    if otherwise:
        source = f"try: {source}\n except Exception: return otherwise(row)"
    exec(f"def read(row):\n {source}", made | {"otherwise": otherwise}, made)  # noqa: S102
    read: Read = made["read"]
    return read


def _list_reader(parts: Parts, references: Set[str], more: int) -> ReadAll:
    """What makes dicts of a list of rows, which have `more` values beyond those of the parts.

    In a list 100 calls, and looking for how many values follow, take as long as the rest.
    """
    values, shown, made = _compiled(parts, references)
    targets = ", ".join([*values, *["_"] * more])
    exec(f"def read(rows):\n return [{shown} for {targets}, in rows]", made)  # noqa: S102
    read: ReadAll = made["read"]
    return read


def _compiled(parts: Parts, references: Set[str]) -> tuple[list[str], str, dict[str, Any]]:
    """The names of a row's values; the text that makes a dict of them; what that text names."""
    values, shown = [], []
    made: dict[str, Any] = {}
    for place, (name, convert) in enumerate(parts):
        value = f"v{place}"
        made[f"convert_{value}"] = convert
        values.append(value)
        converted = f"convert_{value}({value})" if convert else value
        if name in references:
            converted = f'{{"id": {converted}}}'
        null = f"None if {value} is None else " if converted != value else ""
        # Of declared names alone, each as a string literal.
        shown.append(f"{name!r}: {null}{converted}")
    return values, f"{{{', '.join(shown)}}}", made


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


_LONG = 4096
"""Characters that are folded in a millisecond or two, whatever they are."""


def long_texts(resource: Resource) -> tuple[str, ...]:
    """The fields whose texts may take long to fold."""
    texts = (field for field in resource.texts if isinstance(field, Text) and not field.options)
    return tuple(f.name for f in texts if f.max_length is None or f.max_length > _LONG)


def weigher(resource: Resource) -> Callable[[Mapping[str, Any]], int]:
    """What tells how many characters a row has where it may have very many."""
    texts = long_texts(resource)
    others = tuple(field.name for field in resource.fields if field.kind in _NESTED)

    def weigh(row: Mapping[str, Any]) -> int:
        weight = sum(len(row[name] or "") for name in texts)
        return weight + sum(len(_encode(row[name])) for name in others if row[name])

    return weigh if texts or others else lambda _: 0


def takes_long(text: str | None) -> bool:
    """Whether a text of such a field takes long to fold, and so to make a row of."""
    return text is not None and len(text) > _LONG and not text.isascii()


def reader_of(dialect: Dialect, kinds: Mapping[str, Kind]) -> Read:
    """What gives the clean values of a row that begins with these columns."""
    return _reader_of(dialect, tuple(kinds.items()))


@cache
def _reader_of(dialect: Dialect, kinds: tuple[tuple[str, Kind], ...]) -> Read:
    return reader([(column, dialect.load.get(kind)) for column, kind in kinds])
