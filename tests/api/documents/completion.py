"""What the interface says and JSON Schema can't: a valid request gets it from `Completion`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import schemathesis
from schemathesis.hooks import unregister

from portvakt.access.headers import HEADERS
from portvakt.api.documents.parameters import TAGS
from portvakt.schema.fields import Field, Networks, Reference, References, Rights, Text
from portvakt.schema.operations import Operation
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtMostOneOf
from portvakt.schema.transitions import Fixed
from tests.support.examples import (
    NOT_HELD,
    create,
    example,
    new_text,
    registry,
    samples,
)

SEED = 20_260_131

WHOLE_LISTS = 25
"""How many lists may be answered by the whole collection, which grows: the others are pages."""

LISTED = {
    Kind.time: "2026-01-31T08:30:00Z,2026-01-31",
    Kind.date: "2026-01-31",
    Kind.integer: "1,-2",
    Kind.number: "1.5,-2",
}
"""Lists of the kinds for which the document has no pattern."""


# --- what JSON Schema can't say -------------------------------------------------------------------


def _only_one(given: dict[str, Any], names: Sequence[str], value: Any) -> dict[str, Any]:
    """What was given, but of these names one alone."""
    kept = next((name for name in names if given.get(name) is not None), names[0])
    others = {name: one for name, one in given.items() if name not in names}
    return {**others, kept: given.get(kept) or value}


class Completion:
    """Gives a valid request what makes it meaningful here, and leaves everything else as it is.

    That is: ids of items that there are, the other half of a pair, one of several fields that
    exclude each other. Requests that are to be refused stay as they were made.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._lists = count()
        self._numbers = count(1_000)  # of which none is taken

    def __call__(self, case: Any) -> None:
        """Complete a request that follows the document."""
        if case.meta is None or not case.meta.generation.mode.is_positive:
            return
        # The document offers two kinds of credentials, of which a request may hold one: ours.
        if case.headers:
            case.headers.pop("Authorization", None)
        self._key(case)
        for resource, operation in self._asked(case):
            if operation is Operation.list:
                case.query = case.query or {}
                self._list(resource, case.query)
            elif operation is Operation.get:
                self._shown(case.query or {})
            elif operation is Operation.bulk:
                self._bulk(resource, case)
            elif operation is Operation.delete:
                self._spare(resource, case)
            elif isinstance(case.body, dict):
                self._item(resource, case.body, new=operation is Operation.create)
                case.body.pop("id", None)  # must be the path's
        self._form(case)
        self._action(case)

    def _key(self, case: Any) -> None:
        """Each request has an idempotency key of its own; and tags as the document has them.

        A request that covers the parameters may have a header that doesn't follow its pattern.
        """
        headers = case.headers or {}
        if "Idempotency-Key" in headers:
            headers["Idempotency-Key"] = self._new()
        for name in ("If-Match", "If-None-Match"):
            if name in headers and re.fullmatch(TAGS, headers[name]) is None:
                headers.pop(name)

    def _form(self, case: Any) -> None:
        """Of a form of a list, the lists that have no pattern."""
        for resource in registry().offered:
            if case.operation.path in {resource.path + form.tail for form in resource.list_forms}:
                self._unpatterned(resource, case.query or {})

    def _action(self, case: Any) -> None:
        """Of what an action's rules are about, the first that is there, or the first of all."""
        for resource in registry().offered:
            for action in resource.actions:
                same = action.path(resource.path) == case.operation.path
                if same and action.rules and action.method == case.method.upper():
                    names = action.rules[0].fields
                    pk = self._new()
                    if action.query:
                        case.query = _only_one(case.query or {}, names, pk)
                    elif isinstance(case.body, list):
                        case.body = [_only_one(one, names, {"id": pk}) for one in case.body]

    def _asked(self, case: Any) -> Iterator[tuple[Resource, Operation]]:
        for resource in registry().offered:
            for operation, path in resource.paths.items():
                if path == case.operation.path and operation.method == case.method.upper():
                    yield resource, operation

    def _spare(self, resource: Resource, case: Any) -> None:
        """Sample items stay, as others refer to them; this request is about one that is nowhere."""
        known = {item["id"] for item in samples().customers[0].items[resource.name]}
        if case.path_parameters["pk"] in known:
            case.path_parameters["pk"] = self._new()

    def _unpatterned(self, resource: Resource, query: dict[str, Any]) -> None:
        for field in resource.columns.values():
            if field.kind in LISTED and f"{field.name}__in" in query:
                query[f"{field.name}__in"] = LISTED[field.kind]

    def _new(self) -> str:
        return str(uuid4())

    def _shown(self, query: dict[str, Any]) -> None:
        if "_fields" in query:
            query.pop("_changed", None)
            query.pop("_evidence", None)

    # Lists: the half of a pair, what excludes another, and the lists that have no pattern.

    def _list(self, resource: Resource, query: dict[str, Any]) -> None:
        if "_limit" in query:
            query.pop("_page", None)
            query.pop("_page_size", None)
        elif "_page" in query or "_page_size" in query:
            query.setdefault("_page", 1)
            query.setdefault("_page_size", 10)
        elif next(self._lists) >= WHOLE_LISTS:
            query["_limit"] = 5
        if query.keys() & {"_changed", "_evidence", "_fields"}:
            query.pop("_slim", None)
            query.pop("_statistics", None)
        self._shown(query)
        if "_end" in query:
            query["_jsonl"] = "true"
        if query.keys() & {"_limit", "_after", "_count", "_end"}:
            query.pop("_statistics", None)
        if "_after" in query:
            query.pop("_after")
            if after := self._cursor(resource, query):
                query["_after"] = after
        self._unpatterned(resource, query)

    def _cursor(self, resource: Resource, query: dict[str, Any]) -> str | None:
        """The cursor of the first item's page in the order that is asked for."""
        if "_limit" not in query:
            return None
        asked = query.get("_order_by")
        order = {"_order_by": ",".join(asked)} if asked else {}
        path = resource.paths[Operation.list]
        answer = self._client.get(path, params={**order, "_limit": 1})
        found = answer.links.get("next", {}).get("url")
        return httpx.URL(found).params["_after"] if found else None

    # Items: references to what there is, and the rules between fields.

    def _bulk(self, resource: Resource, case: Any) -> None:
        if not isinstance(case.body, list):
            return
        match = (case.query or {}).get("_match")
        for place, item in enumerate(case.body):
            # Two of the items that ask for it are updated; they are new, as others get deleted.
            if item.pop("id", None) is not None and match is None and place < 2:
                item["id"] = create(self._client, resource)["id"]
            self._item(resource, item, new="id" not in item)
            if match == "custom_id" and item.get("custom_id") is not None:
                item["custom_id"] = self._new()

    def _item(self, resource: Resource, item: dict[str, Any], *, new: bool) -> None:
        item.pop("_revision", None)
        if new:
            self._needed(resource, item)
        else:
            fixed = [rule.own for rule in resource.transitions if isinstance(rule, Fixed)]
            for name in (name for names in fixed for name in names):
                item.pop(name, None)
        for reference in resource.references:
            if isinstance(item.get(reference.name), dict):
                item[reference.name] = {**item[reference.name], **self._reference(reference)}
        for generic in resource.generic_references:
            if new or generic.content_type in item or generic.object_id in item:
                item[generic.content_type] = {"id": NOT_HELD}
                item[generic.object_id] = self._new()
        for rule in resource.rules:
            if isinstance(rule, AtMostOneOf) and (new or any(name in item for name in rule.fields)):
                self._one_of(resource, rule.fields, item)

    def _needed(self, resource: Resource, item: dict[str, Any]) -> None:
        keyed = {name for key in resource.unique for name in key.fields}
        for field in resource.writable:
            numbered = field.kind is Kind.integer and field.name in keyed
            if numbered or (field.required and item.get(field.name) is None):
                item[field.name] = self._value(field)

    def _value(self, field: Any) -> Any:
        if isinstance(field, Reference):
            return self._reference(field)
        if field.kind is Kind.text:
            return new_text(field)
        if field.kind is Kind.integer:
            return next(self._numbers)
        return {Kind.boolean: True, Kind.uuid: self._new()}[field.kind]

    def _reference(self, reference: Reference) -> dict[str, str]:
        if reference.target == "platform.contenttype":
            return {"id": NOT_HELD}
        return {"id": samples().customers[0].items[reference.target][0]["id"]}

    def _one_of(self, resource: Resource, names: tuple[str, ...], item: dict[str, Any]) -> None:
        given = [name for name in names if item.get(name) is not None]
        chosen = given[0] if given else names[0]
        for name in names:
            item[name] = item.get(name) or self._value(resource.by_name[name])
            if name != chosen:
                item[name] = None


SOME = {Kind.integer: "1,2", Kind.number: "1.5,-2", Kind.date: "2026-01-31", Kind.boolean: "true"}
"""Lists of the kinds whose elements the document can't describe."""


class Filled(Completion):
    """Fills requests about any resource: a valid item, in which is varied what may be.

    What is got, updated or deleted is a new item. Actions stay as they were made.
    """

    def __init__(self, client: httpx.Client, *ours: str) -> None:
        super().__init__(client)
        self._others = {*HEADERS.values(), "Authorization"} - {*ours}
        self._numbers = count(SEED)

    def __call__(self, case: Any) -> None:
        """Complete a request that follows the document; let none change what others need."""
        if case.meta is None:
            return
        if case.method != "GET" and "pk" in (case.path_parameters or {}):
            self._spare_known(case)
        if case.meta.generation.mode.is_positive:
            for name in self._others.intersection(case.headers or ()):
                case.headers.pop(name)
            self._key(case)
            self._form(case)
            for resource, operation in self._asked(case):
                self._fill(resource, operation, case)
        else:
            for name in ("_order_by", "global_realestates", "global_segments"):
                # An empty list is one, whether it is made of nothing or of an empty text.
                if (case.query or {}).get(name) in ("", [""]):
                    case.query[name] = ["nothing"]

    def _spare_known(self, case: Any) -> None:
        """Ids that lists have told are used again; this request is about one that is nowhere."""
        with suppress(ValueError, TypeError):
            UUID(case.path_parameters["pk"])
            case.path_parameters["pk"] = self._new()

    def _fill(self, resource: Resource, operation: Operation, case: Any) -> None:
        if operation is Operation.list:
            case.query = case.query or {}
            self._list(resource, case.query)
            for field in resource.compared.values():
                if f"{field.name}__in" in case.query and field.kind in SOME:
                    case.query[f"{field.name}__in"] = SOME[field.kind]
        elif operation is Operation.get:
            self._shown(case.query or {})
        elif operation is Operation.bulk:
            case.query = {name: one for name, one in (case.query or {}).items() if name != "_match"}
            case.body = [
                {**self._example(resource), **self._varied(resource, item)}
                for item in case.body[:3]
            ]
        elif operation is Operation.create:
            case.body = {**self._example(resource), **self._varied(resource, case.body)}
        elif Operation.create in resource.operations:
            new = create(self._client, resource, **self._numbered(resource))
            case.path_parameters["pk"] = new["id"]
            if operation is Operation.update:
                case.body = self._varied(resource, case.body)

    def _example(self, resource: Resource) -> dict[str, Any]:
        return example(resource, **self._numbered(resource))

    def _numbered(self, resource: Resource) -> dict[str, int]:
        """New numbers in unique keys."""
        names = {name for key in resource.unique for name in key.fields}
        return {
            name: next(self._numbers)
            for name in names & {field.name for field in resource.writable}
            if resource.by_name[name].kind is Kind.integer
        }

    def _varied(self, resource: Resource, given: dict[str, Any]) -> dict[str, Any]:
        """The given values of the fields that any value suits which the document allows."""
        bound = {name for rule in resource.rules for name in rule.fields}
        bound |= {name for key in resource.unique for name in key.fields}
        bound |= {name for lookup in resource.lookups for name in (lookup.field, *lookup.mirrors)}
        bound |= {name for pair in resource.generic_references for name in pair}
        bound |= {name for rule in resource.transitions for name in rule.own}
        return {
            field.name: given[field.name]
            for field in resource.writable
            if field.name in given and field.name not in bound and _any_suits(field)
        }


def _any_suits(field: Field) -> bool:
    """Whether every value that the document allows is one that the field takes."""
    if isinstance(field, Reference | References | Rights | Networks) or field.kind in JSON:
        return False
    return not (isinstance(field, Text) and field.format)


@contextmanager
def completed(completion: Callable[[Any], None]) -> Iterator[None]:
    """Within the block every request is completed before it is sent."""

    @schemathesis.hook
    def before_call(_: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 - named by Schemathesis
        completion(case)

    try:
        yield
    finally:
        unregister(before_call)
