"""The OpenAPI documents of all applications, and what they say of a resource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from portvakt.api.documents.openapi import document
from portvakt.resources import load
from portvakt.schema.fields import Field, Integer, Text
from portvakt.schema.operations import Operation
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from tests.support.samples import formed

ROOT = Path(__file__).parents[3]
REGISTRY = load()
LABELS = sorted({resource.application for resource in REGISTRY.offered})
DOCUMENTS = {label: document(REGISTRY, label) for label in LABELS}
INTEGRATIONS = DOCUMENTS["integrations"]
ANSWERS = REGISTRY.resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = REGISTRY.resources["integrations.integrationserviceidconnection"]
REAL_ESTATES = REGISTRY.resources["objects.realestate"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
NO_NUL = r"^[^\x00]*$"
TIME = "2019-08-24T14:15:22.000000Z"

OFFERED = [pytest.param(resource, id=resource.name) for resource in REGISTRY.offered]
OPERATIONS = [
    pytest.param(resource, operation, id=f"{resource.name}-{operation.name}")
    for resource in REGISTRY.offered
    for operation in resource.operations
]
WRITABLE = [one for one in REGISTRY.offered if Operation.create in one.operations]
BODIES = [
    *(pytest.param(resource, "", id=resource.name) for resource in REGISTRY.offered),
    *(
        pytest.param(resource, suffix, id=f"{resource.name}-{suffix}")
        for resource in WRITABLE
        for suffix in ("Create", "BulkItem", "Update")
    ),
]
FILTERS = [
    pytest.param(resource, field, id=f"{resource.name}-{field.name}")
    for resource in REGISTRY.offered
    for field in resource.visible
]


def described(resource: Resource, operation: Operation) -> dict[str, Any]:
    """What the document says of one operation."""
    paths = DOCUMENTS[resource.application]["paths"]
    found: dict[str, Any] = paths[resource.paths[operation]][operation.method.lower()]
    return found


def parameters(resource: Resource, operation: Operation) -> dict[str, dict[str, Any]]:
    """The parameters of one operation by name."""
    return {one["name"]: one for one in whole_parameters(resource, described(resource, operation))}


def whole_parameters(resource: Resource, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation of a resource, those that are said once in their place."""
    components = DOCUMENTS[resource.application]["components"]["parameters"]
    return [
        components[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation["parameters"]
    ]


def schema(resource: Resource, suffix: str = "") -> dict[str, Any]:
    """A component schema of a resource."""
    schemas = DOCUMENTS[resource.application]["components"]["schemas"]
    found: dict[str, Any] = schemas[resource.title + suffix]
    return found


def follows(value: Any, resource: Resource, suffix: str = "") -> bool:
    """Whether a JSON value follows a component schema of a resource."""
    wanted = {
        "$ref": f"#/components/schemas/{resource.title}{suffix}",
        "components": DOCUMENTS[resource.application]["components"],
    }
    return bool(OAS31Validator(wanted, format_checker=oas31_format_checker).is_valid(value))


def texts(node: Any, label: str) -> Iterator[str]:
    """Each paragraph of every description, summary and name below `node`, references followed."""
    if isinstance(node, list):
        for element in node:
            yield from texts(element, label)
    elif isinstance(node, dict):
        if "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            yield from texts(DOCUMENTS[label]["components"][kind][name], label)
        for element in node.values():
            yield from texts(element, label)
    elif isinstance(node, str):
        yield from node.split("\n\n")


SAMPLES: dict[Kind, Any] = {
    Kind.boolean: True,
    Kind.uuid: ID,
    Kind.reference: {"id": ID},
    Kind.references: [{"id": ID}],
    Kind.time: TIME,
    Kind.date: "2019-08-24",
    Kind.number: 1.5,
    Kind.object: {"key": [1]},
    Kind.texts: ["string"],
    Kind.objects: [{"key": 1}, {}],
    Kind.anything: [1, "string", {}],
}


def sample_value(field: Field) -> Any:
    """A value that the field accepts."""
    if isinstance(field, Integer):
        return (field.options or (field.minimum,))[0]
    if isinstance(field, Text):
        made = field.options[0] if field.options else formed(Random(field.name), field)
        return made.ljust(field.min_length, "x")
    return SAMPLES[field.kind]


def sample(resource: Resource) -> dict[str, Any]:
    """An item as it is read."""
    return {field.name: sample_value(field) for field in resource.visible}
