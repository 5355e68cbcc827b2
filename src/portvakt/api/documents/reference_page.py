"""The reference pages in Markdown, made from the registry, the errors and the settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portvakt.api.documents import history
from portvakt.api.documents.sentences import addition, paragraphs, validation
from portvakt.errors import Code, FaultCode
from portvakt.operations.writing.match import allowed_matches
from portvakt.schema.fields import INT32, Field, Integer, Number, Reference, References, Text
from portvakt.schema.operators import OPERATORS, Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Application, Resource
from portvakt.settings import PREFIX, Settings

_TYPES = {
    Kind.boolean: "boolean",
    Kind.uuid: "string(uuid)",
    Kind.time: "string(date-time)",
    Kind.integer: "integer(int32)",
    Kind.text: "string",
    Kind.date: "string(date)",
    Kind.number: "number(float)",
    Kind.object: "object",
    Kind.objects: "array of objects",
    Kind.anything: "any",
    Kind.texts: "array of unique strings",
}


def page(registry: Registry, application: str) -> str:
    """The reference page of the application with this label."""
    resources = registry.of_application(application)
    return _joined(
        *_head(registry.applications[application]),
        *(section for one in resources for section in _resource(registry, one)),
    )


def problems_page() -> str:
    """The page of everything that a refusal can say."""
    return _joined(
        "# Problems",
        "A refused request is answered as `application/problem+json` (RFC 9457). Codes are "
        "stable; the texts may change.",
        "## What a problem is",
        _table(("code", "status", "title"), _codes()),
        "## What is wrong at one place",
        "Each of a problem's `errors` says where (`pointer`, `parameter` or `header`) and has "
        "one of these codes: " + ", ".join(f"`{code.value}`" for code in FaultCode) + ".",
    )


def _codes() -> Iterator[tuple[str, ...]]:
    for code in Code:
        yield f"`{code.name}`", str(code.status), code.title


def settings_page() -> str:
    """The page of everything that an operator can choose."""
    return _joined(
        "# Settings",
        "Each setting is an environment variable. `portvakt settings` shows the values in force.",
        _table(("variable", "default", "what it does"), _settings()),
    )


def _settings() -> Iterator[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        default = str(field.default)
        shown = f"`{default}`" if default else "none"
        yield f"`{PREFIX}{name.upper()}`", shown, field.description or ""


def _head(application: Application) -> Iterator[str]:
    yield f"# {application.title} ({application.version})"
    yield application.description
    yield (
        f"This page is generated from the resources' declarations. As an OpenAPI document: "
        f"[{application.label}.json](openapi/{application.label}.json). "
        f"What a refusal says: [problems](problems.md)."
    )


# One resource


def _resource(registry: Registry, resource: Resource) -> Iterator[str]:
    yield f"## {resource.title}"
    yield resource.description
    yield f"Path: `{resource.path}`. Content type: `{resource.name}`."
    yield f"Who may use it: {', '.join(kind.plural for kind in resource.used_by)}."
    yield "### Operations"
    yield _table(("operation", "method and path", "success"), _operations(resource))
    keys = [f"`_match={','.join(key)}`" for key in allowed_matches(resource)]
    if keys and any(operation.name == "bulk" for operation in resource.operations):
        yield f"A bulk write can match stored items: {', '.join(keys)}."
    yield "### Fields"
    known = resource.known.values()
    yield _table(_FIELD_COLUMNS, (_field(registry, resource, one) for one in known))
    yield "### Filters"
    yield "Each can be negated by a `!` at the end of its name, or `not__` in front of it."
    yield _table(("field", "operators"), _filters(resource))


def _operations(resource: Resource) -> Iterator[tuple[str, ...]]:
    for operation, path in resource.paths.items():
        where = f"`{operation.method} {path}`"
        yield operation.title, where, f"{operation.status} {operation.success}"
    for form in resource.list_forms:
        yield form.title, f"`GET {resource.path}{form.tail}`", f"200 {form.success}"
    if resource.mapping:
        where = f"`POST {resource.path}resolve/`"
        yield "Resolve", where, "200 The counterparts of each element"
    if resource.has_history:
        where = f"`GET {resource.path}{history.TAIL}`"
        yield history.TITLE, where, f"200 {history.SUCCESS}"
    for action in resource.actions:
        where = f"`{action.method} {action.path(resource.path)}`"
        yield action.title, where, f"{action.status} {action.success}"


_FIELD_COLUMNS = (
    "field",
    "type",
    "required",
    "read-only",
    "null",
    "limits",
    "meaning and validation",
)


def _field(registry: Registry, resource: Resource, field: Field) -> tuple[str, ...]:
    told = (addition(resource, field), *(f"{one}." for one in validation(resource, field)))
    notes = [field.description, *told]
    return (
        f"`{field.name}`",
        _type(registry, field),
        _mark(field.required),
        _mark(field.read_only),
        _mark(field.nullable),
        _limits(field),
        " ".join(note for note in notes if note),
    )


def _mark(holds: bool) -> str:
    return "yes" if holds else ""


def _type(registry: Registry, field: Field) -> str:
    if isinstance(field, Reference):
        return f"object({registry.target(field).title})"
    if isinstance(field, References):
        return f"array of unique object({registry.target(field).title})"
    if isinstance(field, Text) and field.format:
        return f"string({field.format})"
    return _TYPES[field.kind]


def _limits(field: Field) -> str:
    match field:
        case Text():
            limits = _text_limits(field)
        case Integer():
            limits = _integer_limits(field)
        case Number():
            limits = _number_limits(field)
        case _:
            limits = []
    if field.default is not None:
        limits.append(f"default {str(field.default).lower()}")
    return ", ".join(limits)


def _text_limits(field: Text) -> list[str]:
    options = [" ".join(f"`{option}`" for option in field.options)] if field.options else []
    pattern = [f"`{field.pattern}`"] if field.pattern else []
    return [*_length(field), *pattern, *options]


def _length(field: Text) -> list[str]:
    if field.max_length is None:
        return [f">= {field.min_length} characters"] if field.min_length else []
    if field.min_length:
        return [f"{field.min_length} to {field.max_length} characters"]
    return [f"<= {field.max_length} characters"]


def _integer_limits(field: Integer) -> list[str]:
    if field.options:
        return [" ".join(str(option) for option in field.options)]
    if (field.minimum, field.maximum) == INT32:
        return []
    return [f"{field.minimum} to {field.maximum}"]


def _number_limits(field: Number) -> list[str]:
    if field.minimum is None or field.maximum is None:
        return []
    return [f"{field.minimum} to {field.maximum}"]


def _filters(resource: Resource) -> Iterator[tuple[str, ...]]:
    for field in sorted(resource.compared.values(), key=lambda field: field.name):
        operators = OPERATORS[field.kind]
        yield f"`{field.name}`", ", ".join(f"`{name}`" if name else "exact" for name in operators)


# Markdown


def _joined(*sections: str) -> str:
    return paragraphs(*sections) + "\n"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
