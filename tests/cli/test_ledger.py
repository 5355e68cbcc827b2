"""`portvakt ledger`: exports and checkpoints of a running installation, verified elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.servers import Server, command, sandbox, seed


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox of these tests alone, whose ledger is sealed."""
    folder = tmp_path_factory.mktemp("ledger")
    database = f"sqlite:///{folder / 'portvakt.db'}"
    seed(folder, database)
    with sandbox(folder, database) as server:
        yield server


@pytest.fixture
def settings(running: Server) -> dict[str, str]:
    """The settings of the sandbox, for a command."""
    kept = json.loads((running.folder / "var" / "sandbox.json").read_text())
    return {
        "database": running.database,
        "credential_keys": kept["keys"],
        "sealing_key": kept["sealing"],
    }


def ledger(folder: Path, *arguments: str, **settings: str) -> CompletedProcess[str]:
    """Run a command of the ledger."""
    return command(folder, ["ledger", *arguments], **settings)


def test_an_export_verifies_without_database_and_key(
    running: Server, settings: dict[str, str], tmp_path: Path
) -> None:
    """Against a checkpoint; and a changed one doesn't, with a message and a status."""
    customer = running.customers[0].id
    kept = ledger(tmp_path, "checkpoint", "--customer", customer, **settings)
    (tmp_path / "kept.json").write_text(kept.stdout)
    exported = ledger(tmp_path, "export", "--customer", customer, **settings)
    (tmp_path / "ledger.jsonl").write_text(exported.stdout)
    number = exported.stdout.count("\n") - 1
    key = json.loads(kept.stdout)["key"]
    options = ("--checkpoint", "kept.json", "--public-key", key)
    verified = ledger(tmp_path, "verify", "ledger.jsonl", *options)
    assert verified.returncode == 0, verified.stderr
    assert f"{customer}: {number} events, whole and in order." in verified.stdout
    lines = exported.stdout.splitlines(keepends=True)
    (tmp_path / "ledger.jsonl").write_text("".join(lines[:-2] + lines[-1:]))
    broken = ledger(tmp_path, "verify", "ledger.jsonl", *options)
    assert broken.returncode == 1
    assert broken.stderr.startswith("portvakt: ")


def test_the_whole_database_verifies(
    running: Server, settings: dict[str, str], tmp_path: Path
) -> None:
    """Every customer's chain and the platform's."""
    verified = ledger(tmp_path, "verify", **settings)
    assert verified.returncode == 0, verified.stderr
    told = [line.partition(":")[0] for line in verified.stdout.splitlines()]
    assert {"the platform", *(one.id for one in running.customers)} == {*told}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export",), "--customer"),
        (("export", "--customer", "x", "--platform"), "--customer"),
        (("checkpoint", "--customer", "nobody"), "no customer"),
        (("verify", "missing.jsonl"), "missing.jsonl"),
        (("verify", "--checkpoint", "missing.json"), "missing.json"),
    ],
)
def test_what_is_wrong_is_said(
    settings: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """In one message, and the status is 1."""
    failed = ledger(tmp_path, *arguments, **settings)
    assert failed.returncode == 1
    assert says in failed.stderr


def test_nothing_is_signed_without_a_key(settings: dict[str, str], tmp_path: Path) -> None:
    """The message says how to make one."""
    failed = ledger(tmp_path, "checkpoint", "--platform", **{**settings, "sealing_key": ""})
    assert failed.returncode == 1
    assert "portvakt key" in failed.stderr
