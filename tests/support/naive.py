"""What a list must answer, in plain Python over clean items: slow, and simple enough to believe.

Written from docs/reference/interface.md#lists and not from the SQL, so that both can be compared.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from portvakt.schema.fields import Reference, Text
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import Filter, Order, Query
from portvakt.schema.resource import Resource

Item = dict[str, Any]


def folded(text: str) -> str:
    """What canonical caseless matching compares (Unicode 3.13, D145), composed."""
    caseless = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
    return unicodedata.normalize("NFC", caseless)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, operand: bool(value == operand),
    "in": lambda value, operand: value in operand,
    "gt": lambda value, operand: bool(value > operand),
    "gte": lambda value, operand: bool(value >= operand),
    "lt": lambda value, operand: bool(value < operand),
    "lte": lambda value, operand: bool(value <= operand),
    "contains": lambda value, operand: operand in value,
    "startswith": lambda value, operand: value.startswith(operand),
    "endswith": lambda value, operand: value.endswith(operand),
    "icontains": lambda value, operand: folded(operand) in folded(value),
    "istartswith": lambda value, operand: folded(value).startswith(folded(operand)),
    "iendswith": lambda value, operand: folded(value).endswith(folded(operand)),
    "iexact": lambda value, operand: folded(value) == folded(operand),
}


def _mailbox(text: str) -> set[str]:
    local, at, domain = text.rpartition("@")
    return {f"{local}@{folded(domain)}"} if at else set()


def _telephone(text: str) -> set[str]:
    bare = re.sub(r"[\s\-()/.]", "", text)
    for shape in (r"(?:(?:\+|00)460?|0)([1-9][0-9]{6,12})", "460?([1-9][0-9]{7,12})"):
        if match := re.fullmatch(shape, bare):
            return {f"46{match[1]}"}
    other = re.fullmatch(r"(?:\+|00)([1-9][0-9]{6,14})", bare)
    return {other[1]} if other else set()


def _organization_number(text: str) -> set[str]:
    bare = "".join(text.split()).upper()
    for shape in ("(?:16|18|19|20)?([0-9]{6})-?([0-9]{4})", "SE([0-9]{6})([0-9]{4})01"):
        if match := re.fullmatch(shape, bare):
            return {match[1] + match[2]}
    return set()


def _personal_number(text: str) -> set[str]:
    match = re.fullmatch("(1[89]|20)?([0-9]{6})([-+]?)([0-9]{4})", "".join(text.split()))
    if match is None:
        return set()
    century, date, separator, number = match.groups()
    centuries = {"": ("18", "19", "20"), "-": ("19", "20"), "+": ("18", "19")}[separator]
    return {one + date + number for one in ([century] if century else centuries)}


_IDENTITIES = {
    "mailbox": _mailbox,
    "telephone": _telephone,
    "organization_number": _organization_number,
    "personal_number": _personal_number,
}


def identities(kind: str, text: str) -> set[str]:
    """What an identifier may mean, whatever its spelling; what can't be told means itself.

    Written from decision record 51, by normal forms, where the server spells out.
    """
    return _IDENTITIES[kind](text) or {text}


def _identifies(kind: str, value: str, asked: Filter) -> bool:
    operands = asked.operand if asked.operator == "in" else (asked.operand,)
    return any(identities(kind, one) & identities(kind, value) for one in operands)


def holds(resource: Resource, item: Item, asked: Filter) -> bool:
    """Whether one filter lets an item through; null satisfies `isnull` and nothing else."""
    value = item[asked.field]
    if resource.by_name[asked.field].kind is Kind.references:
        return _holds_one(value, asked) is not asked.negated
    if asked.operator == "isnull":
        found = (value is None) is asked.operand
    elif asked.operator in ("", "in") and (kind := identifier(resource, asked.field)):
        found = value is not None and _identifies(kind, value, asked)
    else:
        found = value is not None and COMPARISONS[asked.operator](value, asked.operand)
    return found is not asked.negated


def _holds_one(value: Sequence[str], asked: Filter) -> bool:
    """Whether one of many references is the named one, or one of those; none is null."""
    if asked.operator == "isnull":
        return (not value) is asked.operand
    named = asked.operand if asked.operator == "in" else (asked.operand,)
    return any(pk in named for pk in value)


def identifier(resource: Resource, name: str) -> str | None:
    """What a field is an identifier of."""
    field = resource.by_name[name]
    return field.identifier if isinstance(field, Text) else None


def mentions(resource: Resource, item: Item, word: str) -> bool:
    """Whether a word of `_search` occurs in a text of an item, or is an id that it has."""
    texts = [item[field.name] for field in resource.visible if field.kind is Kind.text]
    ids = ["id"] + [field.name for field in resource.visible if isinstance(field, Reference)]
    ids += [generic.object_id for generic in resource.generic_references]
    known = {item[name] for name in ids}.union(*(item[link.name] for link in resource.links))
    texted = any(text is not None and folded(word) in folded(text) for text in texts)
    return texted or word in known or any(_spelt(resource, item, word))


def _spelt(resource: Resource, item: Item, word: str) -> Iterator[bool]:
    """Whether a word is a whole number that stands in the item in any spelling."""
    for field in resource.visible:
        kind, value = identifier(resource, field.name), item[field.name]
        if kind in ("personal_number", "organization_number", "telephone") and value is not None:
            yield bool(identities(kind, word) & identities(kind, value))


def filtered(resource: Resource, items: Iterable[Item], query: Query) -> list[Item]:
    """The items that the filters and the search leave, in no particular order."""
    return [
        item
        for item in items
        if all(holds(resource, item, asked) for asked in query.filters)
        and all(mentions(resource, item, word) for word in query.search)
    ]


def ordered(resource: Resource, items: Iterable[Item], order: Sequence[Order]) -> list[Item]:
    """The items in order, null as the greatest value of each field."""
    found = list(items)
    for name, descending in reversed(order):  # sorting is stable: the last word first
        kind = resource.by_name[name].kind
        keys = {item["id"]: _sort_key(kind, item[name]) for item in found}
        found.sort(key=lambda item: keys[item["id"]], reverse=descending)
    return found


def _sort_key(kind: Kind, value: Any) -> tuple[bool, Any]:
    """Null is the greatest; free JSON sorts by its text, many references by their ids."""
    if kind is Kind.references:
        value = value or None
    elif kind in JSON and value is not None:
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value is None, value


def listed(resource: Resource, items: Iterable[Item], query: Query) -> list[Item]:
    """What a list answers: the page, or everything where there is none."""
    found = ordered(resource, filtered(resource, items, query), query.order)
    if query.page is None:
        return found
    first = (query.page.number - 1) * query.page.size
    return found[first : first + query.page.size]


def statistics(resource: Resource, items: Iterable[Item], query: Query) -> dict[str, Any]:
    """What `_statistics` answers."""
    found = filtered(resource, items, query)
    fields = {
        field.name: _measured(field.kind, [item[field.name] for item in found])
        for field in resource.visible
    }
    return {"count": len(found), "fields": fields}


def _measured(kind: Kind, values: Sequence[Any]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    if kind is Kind.references:
        known = [value for value in values if value]
    null = len(values) - len(known)
    if kind is Kind.boolean:
        return {"true": known.count(True), "false": known.count(False), "null": null}
    if kind in (Kind.time, Kind.date, Kind.integer, Kind.number):
        return {"min": min(known, default=None), "max": max(known, default=None), "null": null}
    if kind in JSON or kind is Kind.references:
        return {"null": null}
    return {"distinct": len(set(known)), "null": null}


def seen(resource: Resource, item: Item) -> Item:
    """What an integration sees of an item that needs no answers: all but of who forbids it.

    Of an item that only persons show by what they refer to, here nobody does.
    """
    person = resource.person
    shown = person and (person.sharing is None or item[person.sharing] is not False)
    return item if shown else {**item, **dict.fromkeys(resource.personal)}
