"""Parameters that several operations have, said once in an OpenAPI document. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def share_parameters(whole: Document) -> Document:
    """The document in which what more than one operation has stands among the components.

    A component is called as its parameter where all operations mean the same by that name; else
    with the tag of the first that has it in front, as `Tenant.email`, or its id.
    """
    names = _names(whole)
    components = {}

    def shared(parameter: Document) -> Document:
        name = names.get(_text(parameter))
        if name is None:
            return parameter
        components[name] = parameter
        return {"$ref": f"#/components/parameters/{name}"}

    def sharing(operation: Document) -> Document:
        if "parameters" not in operation:
            return operation
        return {**operation, "parameters": [shared(one) for one in operation["parameters"]]}

    paths = {
        path: {method: sharing(operation) for method, operation in item.items()}
        for path, item in whole["paths"].items()
    }
    named = {name: components[name] for name in sorted(components)}
    return {**whole, "paths": paths, "components": {"parameters": named, **whole["components"]}}


def _names(whole: Document) -> dict[str, str]:
    """By a parameter's text, what its component is called; without what one operation alone has."""
    users: dict[str, list[Document]] = defaultdict(list)
    meanings: dict[str, list[str]] = defaultdict(list)
    for operation, parameter in _parameters(whole):
        text = _text(parameter)
        if text not in users:
            meanings[parameter["name"]].append(text)
        users[text].append(operation)
    found: dict[str, str] = {}
    for name, texts in meanings.items():
        for text in (one for one in texts if len(users[one]) > 1):
            first = users[text][0]
            called = [f"{first['tags'][0]}.{name}", f"{first['operationId']}.{name}"]
            if len(texts) == 1:
                called.insert(0, name)
            found[next(one for one in called if one not in found)] = text
    return {text: called for called, text in found.items()}


def _parameters(whole: Document) -> Iterator[tuple[Document, Document]]:
    for item in whole["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                yield operation, parameter


def _text(parameter: Document) -> str:
    return json.dumps(parameter, sort_keys=True)
