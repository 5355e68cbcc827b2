"""The component schemas of an OpenAPI document. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portvakt.api.documents import examples
from portvakt.api.documents.examples import with_examples
from portvakt.api.documents.sentences import addition, field_text
from portvakt.schema.entity_tags import CHANGED, EXPECTED_REVISION
from portvakt.schema.fields import Field, Integer, Number, Reference, References, Text
from portvakt.schema.operators import Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.storage.statements.statistics import MEASURES

Schema = dict[str, Any]

FORMATS = {"email": "idn-email"}
"""What JSON Schema calls a format otherwise than the reference: addresses aren't ASCII alone."""

UUID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string", "pattern": r"^[^\x00]*$"}
"""Any text that we take: all but NUL, which PostgreSQL can't hold (decision record 2)."""
DATE: Schema = {"type": "string", "format": "date"}
NUMBER: Schema = {"type": "number", "format": "float"}


def ref(name: str) -> Schema:
    """A reference to the component schema `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(schema: Schema) -> Schema:
    """The schema of an array whose elements all follow `schema`."""
    return {"type": "array", "items": schema}


def nullable(schema: Schema) -> Schema:
    """The schema that also allows null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "type" not in schema:
        return schema  # anything is allowed already
    wider = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        wider["enum"] = [*schema["enum"], None]
    return wider


def closed(properties: dict[str, Schema], required: Iterable[str], description: str) -> Schema:
    """The schema of an object that holds these properties and no others."""
    schema: Schema = {"type": "object", "description": description, "properties": properties}
    needed = list(required)
    if needed:
        schema["required"] = needed
    return {**schema, "additionalProperties": False}


def schemas(registry: Registry, resources: Iterable[Resource]) -> dict[str, Schema]:
    """Every component schema that documents of these resources may refer to, by name."""
    found: dict[str, Schema] = {}
    for resource in resources:
        found.update(_of_resource(resource, registry))
        for reference in resource.pointing:
            found.update(of_target(registry.target(reference)))
    return {**found, **_SHARED}


# One resource


def _of_resource(resource: Resource, registry: Registry) -> dict[str, Schema]:
    title = resource.title
    return {
        title: _item(resource, registry),
        f"{title}Create": _create(resource, registry),
        f"{title}BulkItem": _bulk_item(resource, registry),
        f"{title}Update": _update(resource, registry),
        f"{title}Report": _report(resource),
        f"{title}Statistics": _statistics(resource),
        **_resolve(resource, registry),
    }


def item_properties(
    resource: Resource, registry: Registry, fields: Iterable[Field]
) -> dict[str, Schema]:
    """The properties of an answer that shows these fields."""
    return {field.name: _shown(resource, registry, field) for field in fields}


def body_properties(
    resource: Resource, registry: Registry, fields: Iterable[Field], default: str = ""
) -> dict[str, Schema]:
    """Fields as a body holds them; with `default`, a sentence tells each one's default."""
    given = {}
    for field in fields:
        schema = value(field, _body_reference(registry, field))
        if field.read_only or (field.nullable and not field.required):
            schema = nullable(schema)
        told = default and field.default is not None
        more = f"{default}{str(field.default).lower()}." if told else ""
        text = field_text(resource, field, more)
        given[field.name] = _described(_titled(schema, registry, field), field, text)
    return given


def _item(resource: Resource, registry: Registry) -> Schema:
    fields = (*resource.known.values(), *CHANGED.values())
    properties = item_properties(resource, registry, fields)
    schema = closed(properties, resource.by_name, resource.description)
    return with_examples(schema, examples.item(resource))


def _shown(resource: Resource, registry: Registry, field: Field) -> Schema:
    """A field as an item shows it. Personal information reads as null where it is denied."""
    schema = value(field, _answer_reference(registry, field))
    if field.nullable or field.personal:
        schema = nullable(schema)
    text = field_text(resource, field, addition(resource, field))
    return _described(_titled(schema, registry, field), field, text)


def _titled(schema: Schema, registry: Registry, field: Field) -> Schema:
    """Of a reference, the reference names the resource that it leads to: object(Tenant)."""
    if isinstance(field, Reference):
        return {**schema, "title": registry.target(field).title}
    return schema


def _described(schema: Schema, field: Field, text: str) -> Schema:
    described = {**schema, "description": text} if text else dict(schema)
    return {**described, "readOnly": True} if field.read_only else described


def _create(resource: Resource, registry: Registry) -> Schema:
    properties = _given(resource, registry)
    for field in resource.writable:
        if field.default is not None:
            properties[field.name]["default"] = field.default
    text = f"A new {resource.title}. Read-only fields are tolerated and ignored."
    return with_examples(closed(properties, required_names(resource), text), examples.new(resource))


def _bulk_item(resource: Resource, registry: Registry) -> Schema:
    properties = _given(resource, registry, "A new item gets: ")
    properties["id"] = {
        **nullable(UUID),
        "description": "The item to update. Left out or null, a new item is created.",
    }
    properties |= _expected(resource, registry)
    text = (
        f"With `id`, the fields of that {resource.title} to change; nothing else is required. "
        f"Without `id`, a new one{_needs(resource)}. Read-only fields are tolerated and ignored."
    )
    shown = examples.item(resource)
    updated = shown and {"id": shown["id"], **(examples.change(resource) or {})}
    return with_examples(closed(properties, (), text), examples.new(resource), updated)


def _update(resource: Resource, registry: Registry) -> Schema:
    properties = _given(resource, registry) | _expected(resource, registry)
    needed = ", ".join(f"`{name}`" for name in required_names(resource))
    rule = f"The item as stored must have {needed}, but n" if needed else "N"
    text = (
        "The fields to change: left out means unchanged, null clears. "
        f"{rule}othing is required in the body. Read-only fields are tolerated and ignored; "
        "an `id` must be that of the path."
    )
    return with_examples(closed(properties, (), text), examples.change(resource))


def _needs(resource: Resource) -> str:
    names = ", ".join(f"`{name}`" for name in required_names(resource))
    return f", which needs {names}" if names else ""


def required_names(resource: Resource) -> list[str]:
    """The fields without which no item is stored."""
    return [field.name for field in resource.writable if field.required]


def _given(resource: Resource, registry: Registry, default: str = "") -> dict[str, Schema]:
    fields = (*resource.known.values(), *CHANGED.values())
    return body_properties(resource, registry, fields, default)


def _expected(resource: Resource, registry: Registry) -> dict[str, Schema]:
    """What an update may say of the stored item."""
    return body_properties(resource, registry, [EXPECTED_REVISION])


# One value


def value(field: Field, reference: str = "") -> Schema:
    """The schema of a field's value that is not null. `reference` is a reference's component."""
    match field:
        case Integer():
            return _integer(field)
        case Number():
            return _number(field)
        case Text():
            return _text(field)
        case Reference():
            return ref(reference)
        case References():
            return {**array_of(ref(reference)), "uniqueItems": True}
    return dict(_PLAIN[field.kind])


_PLAIN: dict[Kind, Schema] = {
    Kind.boolean: {"type": "boolean"},
    Kind.uuid: UUID,
    Kind.time: TIME,
    Kind.date: DATE,
    Kind.object: {"type": "object", "additionalProperties": True},
    Kind.texts: {"type": "array", "items": TEXT, "uniqueItems": True},
    Kind.objects: {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    Kind.anything: {},
}


def _integer(field: Integer) -> Schema:
    schema: Schema = {"type": "integer", "format": "int32"}
    if field.options:
        return {**schema, "enum": list(field.options)}
    return {**schema, "minimum": field.minimum, "maximum": field.maximum}


def _number(field: Number) -> Schema:
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    stated = {keyword: limit for keyword, limit in limits.items() if limit is not None}
    return {**NUMBER, **stated}


def _text(field: Text) -> Schema:
    limits = {
        "format": field.format and FORMATS.get(field.format, field.format),
        "minLength": field.min_length or None,
        "maxLength": field.max_length,
        "pattern": field.pattern and field.pattern.replace(r"\Z", "$"),  # as ECMA-262 writes it
        "enum": list(field.options) or None,
    }
    stated = {keyword: limit for keyword, limit in limits.items() if limit is not None}
    return {**TEXT, **stated}


# References


def _answer_reference(registry: Registry, field: Field) -> str:
    if not isinstance(field, Reference | References):
        return ""
    return f"{registry.target(field).title}Reference"


def _body_reference(registry: Registry, field: Field) -> str:
    shown = _answer_reference(registry, field)
    return f"{shown}Input" if shown else ""


def of_target(target: Resource) -> dict[str, Schema]:
    """A reference in an answer holds the id alone; in a body, other keys are ignored."""
    title = target.title
    wanted: Schema = {
        "type": "object",
        "description": f"A reference to one {title}. Keys other than `id` are ignored.",
        "properties": {"id": UUID},
        "required": ["id"],
        "additionalProperties": True,
    }
    return {
        f"{title}Reference": closed({"id": UUID}, ["id"], f"A reference to one {title}."),
        f"{title}ReferenceInput": wanted,
    }


def _resolve(resource: Resource, registry: Registry) -> dict[str, Schema]:
    if resource.mapping is None:
        return {}
    (content_type, object_id), external = resource.mapping
    return {
        f"{resource.title}ByItem": _key(resource, registry, content_type, object_id),
        f"{resource.title}ByExternalId": _key(resource, registry, content_type, external),
    }


def _key(resource: Resource, registry: Registry, *names: str) -> Schema:
    fields = [resource.by_name[name] for name in names]
    properties = {field.name: value(field, _body_reference(registry, field)) for field in fields}
    schema = closed(properties, names, f"Whose counterparts are asked for, by `{names[-1]}`.")
    shown = examples.item(resource)
    return with_examples(schema, shown and {name: shown[name] for name in names})


# Reports and statistics


def _report(resource: Resource) -> Schema:
    properties: dict[str, Schema] = {
        "index": {"type": "integer", "minimum": 0, "description": "The item's place in the body."},
        "outcome": {
            "type": "string",
            "enum": ["created", "updated", "unchanged", "refused"],
            "description": "What became of the item.",
        },
        "id": {**nullable(UUID), "description": "The item's id, where it has one."},
        "item": ref(resource.title),
        "errors": {**array_of(ref("Fault")), "description": "Why the item was refused."},
    }
    text = "What became of one item of a bulk write: `item`, or `errors` if it was refused."
    return closed(properties, ["index", "outcome"], text)


def _statistics(resource: Resource) -> Schema:
    fields = {field.name: ref(_summary_name(field.kind)) for field in resource.visible}
    properties: dict[str, Schema] = {
        "count": {"type": "integer", "minimum": 0, "description": "How many items there are."},
        "fields": closed(fields, fields, "A summary of each field."),
    }
    return closed(properties, properties, f"What a list of {resource.title} holds, in numbers.")


def _summary_name(kind: Kind) -> str:
    return f"{kind.value.capitalize()}Statistics"


def _summary(kind: Kind) -> Schema:
    """What `_statistics` tells of the fields of one kind."""
    properties = {measure: _measure(kind, measure) for measure in MEASURES[kind]}
    return closed(properties, properties, f"The values of one field ({kind.value}), in numbers.")


def _measure(kind: Kind, measure: str) -> Schema:
    if measure not in ("min", "max"):
        return {"type": "integer", "minimum": 0}
    return nullable(_EXTREMES[kind])


_EXTREMES: dict[Kind, Schema] = {
    Kind.time: TIME,
    Kind.date: DATE,
    Kind.integer: {"type": "integer"},
    Kind.number: NUMBER,
}


_SHARED: dict[str, Schema] = {
    "SlimItem": closed({"id": {**UUID, "readOnly": True}}, ["id"], "An item by its id alone."),
    "PickedItem": {
        "type": "object",
        "properties": {"id": {**UUID, "readOnly": True}},
        "required": ["id"],
        "description": "Of an item the fields that `_fields` names, and `id`.",
    },
    **{_summary_name(kind): _summary(kind) for kind in Kind},
}
