"""The generated pages are fresh and whole, and clients can be generated from the documents."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from portvakt.api.documents.openapi import render
from portvakt.api.documents.reference_page import page, problems_page
from portvakt.api.documents.sentences import validation
from portvakt.cli.generate import EXAMPLES, examples, files
from portvakt.errors import Code, FaultCode
from tests.api.documents.described import (
    ANSWERS,
    DOCUMENTS,
    ID,
    LABELS,
    REGISTRY,
    ROOT,
    TIME,
    sample,
)

# -- generated files -------------------------------------------------------------------------------


@pytest.mark.parametrize("label", LABELS)
def test_the_reference_page_names_everything(label: str) -> None:
    """Each resource's operations, fields and validation sentences are on its page."""
    text = page(REGISTRY, label)
    for resource in REGISTRY.of_application(label):
        assert f"## {resource.title}\n" in text
        for operation, path in resource.paths.items():
            assert f"`{operation.method} {path}`" in text
        for field in resource.known.values():
            assert f"| `{field.name}` |" in text
            assert all(sentence in text for sentence in validation(resource, field))


def test_the_problems_page_names_every_code() -> None:
    """Each code has a row, each fault code is listed."""
    text = problems_page()
    for code in Code:
        assert f"| `{code.name}` | {code.status} | {code.title} |" in text
    assert all(f"`{code.value}`" in text for code in FaultCode)


def test_the_generated_files_are_up_to_date() -> None:
    """What is in docs/reference is what the declarations say now, with examples of now."""
    for path, text in {EXAMPLES: examples(REGISTRY), **files(REGISTRY)}.items():
        assert (ROOT / path).read_text("utf-8") == text, f"{path}: run `make generate`"


# -- a generated client ----------------------------------------------------------------------------


def _generate(label: str, folder: Path) -> None:
    """Make a client package of one application with openapi-python-client. No warning passes."""
    source, config = folder / f"{label}.json", folder / "config.yaml"
    source.write_text(render(DOCUMENTS[label]), "utf-8")
    lines = "content_type_overrides: {application/x-ndjson: text/plain}\n"
    config.write_text(f"post_hooks: []\n{lines}", "utf-8")
    generator = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    where = ["--meta", "none", "--output-path", str(folder / f"{label}_client")]
    subprocess.run(
        [*generator, "--path", str(source), "--config", str(config), *where],
        check=True,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS)
def test_a_client_can_be_generated(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client generated from the document has a module for each operation, and all import."""
    _generate(label, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for item in DOCUMENTS[label]["paths"].values():
        for one in item.values():
            where = f"{label}_client.api.{one['tags'][0].lower()}.{one['operationId']}"
            module = importlib.import_module(where)
            assert callable(module.sync)
            assert callable(module.asyncio)


@pytest.mark.slow
def test_a_generated_client_tells_answers_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items, slim items, statistics and problems become different types."""
    _generate("integrations", tmp_path)
    (tmp_path / "integrations_client").rename(tmp_path / "typed_client")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module(f"typed_client.api.{ANSWERS.model}.{ANSWERS.model}_list")
    client = importlib.import_module("typed_client").Client(base_url="http://localhost")

    def read(status: int, value: Any) -> Any:
        return module._parse_response(client=client, response=httpx.Response(status, json=value))

    fields: dict[str, Any] = {name: {"distinct": 0, "null": 0} for name in ANSWERS.by_name}
    fields["answer"] = {"true": 1, "false": 0, "null": 0}
    fields["created_at"] = {"min": TIME, "max": TIME, "null": 0}
    problem = {"type": "about:blank", "title": "", "status": 401, "detail": ""}
    assert type(read(200, [sample(ANSWERS)])[0]).__name__ == ANSWERS.title
    assert type(read(200, [{"id": ID}])[0]).__name__ == "SlimItem"
    summary = read(200, {"count": 1, "fields": fields})
    assert type(summary).__name__ == f"{ANSWERS.title}Statistics"
    assert summary.to_dict()["fields"]["answer"] == fields["answer"]
    assert read(401, {**problem, "code": "unauthorized"}).code == "unauthorized"
