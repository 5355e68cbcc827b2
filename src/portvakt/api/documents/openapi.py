"""The OpenAPI 3.1 document of one application, made from the registry alone. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from portvakt.api.documents import actions, history, security
from portvakt.api.documents.client_profile import client_profile
from portvakt.api.documents.openapi_30 import to_30
from portvakt.api.documents.parameters import form_parameters, parameters
from portvakt.api.documents.responses import (
    HEADERS,
    form_responses,
    not_modified_component,
    operation_id,
    problem_components,
    problem_schemas,
    resolve_responses,
    responses,
)
from portvakt.api.documents.schemas import Schema, array_of, ref, schemas
from portvakt.api.documents.sentences import DESCRIPTIONS
from portvakt.api.documents.sharing import share_parameters
from portvakt.api.limits import DEFAULTS, Limits
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Application, Resource

Document = dict[str, Any]


PROFILES = ("reference", "client")
VERSIONS = ("3.1", "3.0")


class Form(NamedTuple):
    """The form in which a document is wanted.

    - `profile`: of `PROFILES`: all that can be asked for, or what generators of clients can use.
    - `version`: of OpenAPI, of `VERSIONS`.
    - `limits`: those that the server's settings set.
    """

    profile: str = PROFILES[0]
    version: str = VERSIONS[0]
    limits: Limits = DEFAULTS


USUAL = Form()


def document(registry: Registry, application: str, form: Form = USUAL) -> Document:
    """The OpenAPI document of the application with this label, in a form."""
    whole = _whole(registry, application, form.limits)
    if form.profile == "client":
        whole = client_profile(whole)
    whole = share_parameters(whole)
    return _without_unused(to_30(whole) if form.version == "3.0" else whole)


def _whole(registry: Registry, application: str, among: Limits) -> Document:
    resources = registry.of_application(application)
    return {
        "openapi": "3.1.0",
        "info": _info(registry.applications[application]),
        "servers": [{"url": "/", "description": "The server that answers this document."}],
        "security": security.USUAL,
        "tags": [{"name": one.title, "description": one.description} for one in resources],
        "paths": {path: item for one in resources for path, item in _paths(one, among).items()},
        "components": {
            "securitySchemes": security.schemes(resources),
            "headers": HEADERS,
            "responses": {**not_modified_component(), **problem_components(among)},
            "schemas": {
                **schemas(registry, resources),
                **problem_schemas(),
                **history.schemas(),
                **{
                    name: schema
                    for one in resources
                    for name, schema in actions.schemas(one, registry).items()
                },
            },
        },
    }


def render(document: Document) -> str:
    """The document as stable text."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _info(application: Application) -> Document:
    return {
        "title": application.title,
        "version": application.version,
        "description": application.description,
        "contact": {"name": "Whoever runs this server"},
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    }


# Paths


def _paths(resource: Resource, among: Limits) -> Document:
    paths: Document = {}
    for operation, path in resource.paths.items():
        item = paths.setdefault(path, {})
        item[operation.method.lower()] = _operation(resource, operation, among)
    for form in resource.list_forms:
        paths[resource.path + form.tail] = {"get": _list_form(resource, form)}
    if resource.mapping:
        paths[f"{resource.path}resolve/"] = {"post": _resolve(resource, among)}
    if resource.has_history:
        head = _head(resource, history.TITLE)
        path = resource.path + history.TAIL
        paths[path] = {"get": {**head, **history.request()}}
    for action in resource.actions:
        item = paths.setdefault(action.path(resource.path), {})
        head = _head(resource, action.title)
        item[action.method.lower()] = {**head, **actions.request(resource, action, among)}
    return paths


def _operation(resource: Resource, operation: Operation, among: Limits) -> Document:
    return {
        **_head(resource, operation.title),
        "description": DESCRIPTIONS[operation],
        "parameters": parameters(resource, operation),
        **_request(resource, operation, among),
        "responses": responses(resource, operation, among),
    }


def _list_form(resource: Resource, form: ListForm) -> Document:
    return {
        **_head(resource, form.title),
        "description": DESCRIPTIONS[form],
        "parameters": form_parameters(resource, form),
        "responses": form_responses(resource, form),
    }


def _head(resource: Resource, title: str) -> Document:
    return {
        "tags": [resource.title],
        "summary": f"{title} '{resource.title}'",
        "operationId": operation_id(resource, title),
        **security.of_resource(resource),
    }


def _request(resource: Resource, operation: Operation, among: Limits) -> Document:
    match operation:
        case Operation.bulk:
            return _body(_many(ref(f"{resource.title}BulkItem"), among.items))
        case Operation.create:
            return _body(ref(f"{resource.title}Create"))
        case Operation.update:
            return _body(ref(f"{resource.title}Update"))
    return {}


def _many(schema: Schema, most: int) -> Schema:
    return {**array_of(schema), "maxItems": most}


def _body(schema: Schema) -> Document:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _resolve(resource: Resource, among: Limits) -> Document:
    kinds = [ref(f"{resource.title}ByItem"), ref(f"{resource.title}ByExternalId")]
    return {
        **_head(resource, "Resolve"),
        "description": "Finds the counterparts of many items or external ids at once.",
        **_body(_many({"anyOf": kinds}, among.items)),
        "responses": resolve_responses(resource, among),
    }


# Components that nothing refers to


def _without_unused(whole: Document) -> Document:
    """The document without the components that no path leads to."""
    used: set[str] = set()
    _follow(whole, whole["paths"], used)
    components = {
        kind: {
            name: component
            for name, component in named.items()
            if kind == "securitySchemes" or f"#/components/{kind}/{name}" in used
        }
        for kind, named in whole["components"].items()
    }
    return {**whole, "components": components}


def _follow(whole: Document, node: Any, used: set[str]) -> None:
    """Add to `used` every reference in `node`, and those that they lead to."""
    for target in _references(node):
        if target not in used:
            used.add(target)
            _, _, kind, name = target.split("/")
            _follow(whole, whole["components"][kind][name], used)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for element in node:
            yield from _references(element)
    elif isinstance(node, dict):
        for key, element in node.items():
            if key == "$ref":
                yield element
            else:
                yield from _references(element)
