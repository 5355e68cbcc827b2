"""Every answer of a running server is one that its OpenAPI document describes.

Schemathesis reads the served document, makes requests that follow it and requests that break it,
follows its links, and checks each answer: no error of ours, no undescribed status, media type or
header, no body outside its schema; what follows the document is accepted, what breaks it refused;
without credentials nothing is answered; what was deleted is gone and what was created is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run import PhaseName

from portvakt.access.headers import HEADERS
from tests.api.documents.completion import SEED, Completion, Filled, completed
from tests.support.examples import (
    CONTENT_TYPES,
    OFFERED,
    registry,
)
from tests.support.people import operator
from tests.support.servers import Server

CASES = 6
"""How many requests of each sort an operation gets besides those that cover its document."""

PHASES = {PhaseName.COVERAGE, PhaseName.FUZZING, PhaseName.STATEFUL_TESTING}

CONFIG: dict[str, Any] = {
    "seed": SEED,
    "generation": {"max-examples": CASES, "deterministic": True, "database": "none"},
    "phases": {
        "examples": {"enabled": False},
        "coverage": {"unexpected-methods": ["put", "trace"]},
        "stateful": {"max-steps": 5, "generation": {"max-examples": 25}},
    },
    "continue-on-failure": True,
    "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": True}},
    "checks": {
        # Besides the usual refusals: 413 for more items than a bulk write may have; 207 where
        # `_atomic=false` reports what was refused (`refusals_are_reported` looks at that).
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "404", "405", "413", "415", "422", "207"]
        },
        # 304 and 412 where a header names the tags that the item has, or hasn't.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "412"]},
        "missing_required_header": {"expected-statuses": ["401", "415"]},
    },
}


AT_RANDOM = {"phases": {"coverage": {"enabled": False}}}
"""Without a request for each value of each parameter, of which lists have many."""

READS_AT_RANDOM = {"include-method": "GET", **AT_RANDOM}
FORMS_AT_RANDOM = {"include-operation-id-regex": "_list_(statistics|export)$", **AT_RANDOM}
"""The forms of lists so: their filters are the list's own."""


@schemathesis.check
def refusals_are_reported(_: Any, response: Any, case: Any) -> None:
    """A bulk write that may write some of its items says which of the wrong ones it refused."""
    if response.status_code == httpx.codes.MULTI_STATUS and case.meta.generation.mode.is_negative:
        assert any(report["outcome"] == "refused" for report in response.json())


# --- running --------------------------------------------------------------------------------------


def answered(server: Server, application: str) -> Any:
    """The served document of what integrations may use, to be called as the first customer.

    Query strings are read the same way for both databases, and how each of them answers every
    filter is for tests/storage to tell. So on one of them each sort of filter of a list gets every
    value that covers it, on the other whatever is read is asked for with anything at random.
    """
    on_postgresql = server.database.startswith("postgresql")
    again = [READS_AT_RANDOM if on_postgresql else FORMS_AT_RANDOM]
    config = {**CONFIG, "headers": server.customers[0].headers, "operations": again}
    paths = "|".join(one.path for one in OFFERED if one.application == application)
    change = (lambda told: told) if on_postgresql else with_each_sort
    return _document(server, application, config, change).include(path_regex=f"^({paths})")


def with_each_sort(document: dict[str, Any]) -> dict[str, Any]:
    """A document whose lists and their forms have but one of the filters that are described alike.

    `test_openapi.py` tells that each filter of each field is described, and by its kind.
    """
    shared = document["components"]["parameters"]
    for path, item in document["paths"].items():
        if "/list/" in path:
            sorts = {
                _sort(shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one): one
                for one in item["get"]["parameters"][::-1]
            }
            item["get"]["parameters"] = [*sorts.values()][::-1]
    return document


def _sort(parameter: dict[str, Any]) -> str:
    """How a filter is described, but for the words; of what is no filter, its name too."""
    name = parameter["name"]
    said = name if name.startswith(("_", "global_")) else name.partition("__")[2]
    return json.dumps([said, parameter["in"], _unworded(parameter["schema"])], sort_keys=True)


def _unworded(node: Any) -> Any:
    if isinstance(node, dict):
        words = ("title", "description", "example", "examples")
        return {name: _unworded(one) for name, one in node.items() if name not in words}
    return [_unworded(one) for one in node] if isinstance(node, list) else node


def _document(
    server: Server,
    application: str,
    config: dict[str, Any],
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda told: told,
) -> Any:
    stated = SchemathesisConfig.from_dict({**config, "base-url": server.base_url})
    told = httpx.get(f"{server.base_url}/openapi/{application}.json", trust_env=False).json()
    return schemathesis.openapi.from_dict(change(told), config=stated)


def failures(document: Any) -> tuple[list[str], dict[PhaseName, int]]:
    """Run all phases: every failure, each once with its request, and the requests by phase."""
    found: dict[tuple[str, ...], str] = {}
    sent = dict.fromkeys(PHASES, 0)
    for event in from_schema(document).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found[(str(event),)] = str(event)
        if isinstance(event, events.ScenarioFinished) and event.phase in PHASES:
            sent[event.phase] += len(event.recorder.interactions)
            for key, text in _failed(event.recorder):
                found.setdefault(key, text)
    return list(found.values()), sent


def _failed(recorder: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is one failure, and how it is told: the check, the request, the answer."""
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE:
                answer = recorder.find_response(case_id=case_id)
                label = recorder.cases[case_id].value.operation.label
                sample = re.sub(r" -H 'X-PIGELLO[^']*'", "", check.failure_info.code_sample)
                key = (label, check.name, check.failure_info.failure.message)
                yield key, "\n".join((*key, sample, answer.text[:2000] if answer else ""))


@pytest.mark.slow
@pytest.mark.parametrize("application", ["integrations"])
def test_answers_follow_the_document(
    server: Server, client: httpx.Client, application: str
) -> None:
    """No check of Schemathesis fails, in any phase; and each phase has sent something."""
    with completed(Completion(client)):
        found, sent = failures(answered(server, application))
    assert not found, "\n\n".join(found)
    assert all(sent.values()), sent


OTHERS = [label for label in registry().applications if label not in ("integrations", "platform")]
"""The applications whose documents are gone through quickly."""

ACTIONS = {action.path(one.path) for one in registry().offered for action in one.actions}
BY_PEOPLE = {path for one in OFFERED if one.made_by_people for path in one.paths.values()}

FIXED = {
    *CONTENT_TYPES.paths.values(),
    *(CONTENT_TYPES.path + form.tail for form in CONTENT_TYPES.list_forms),
}

QUICK: dict[str, Any] = {
    **CONFIG,
    "generation": {**CONFIG["generation"], "max-examples": 6},
    "phases": {name: {"enabled": False} for name in ("examples", "coverage", "stateful")},
    # What an action does depends on states that the document can't tell; and an integration can't
    # do all that people can.
    "operations": [
        {
            "include-path": path,
            "checks": {
                "positive_data_acceptance": {"enabled": False},
                "negative_data_rejection": {"enabled": False},
            },
        }
        for path in sorted(ACTIONS | BY_PEOPLE | FIXED)
    ],
    "checks": {
        **CONFIG["checks"],  # 409: an address that somebody may have whom the caller doesn't see
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "409", "412"]},
    },
}


@pytest.mark.slow
def test_answers_follow_the_other_documents(
    server: Server, client: httpx.Client, operating: httpx.Client
) -> None:
    """Requests at random to every operation of each, on one of the databases.

    The platform's document, for operators, is gone through on the other one.
    """
    found: list[str] = []
    applications, filled, headers = (
        (["platform"], Filled(operating, "Authorization"), operator(server, 0))
        if server.database.startswith("postgresql")
        else (OTHERS, Filled(client, *HEADERS.values()), server.customers[0].headers)
    )
    for application in applications:
        with completed(filled):
            document = _document(server, application, {**QUICK, "headers": headers})
            failed, sent = failures(document)
        found += failed
        assert sent[PhaseName.FUZZING], application
    assert not found, "\n\n".join(found)
