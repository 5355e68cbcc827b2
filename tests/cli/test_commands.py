"""The commands that manage integrations and items, on both databases."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import typer

from portvakt.access.authentication import HEADERS
from portvakt.cli.main import app
from portvakt.resources import load
from portvakt.sandbox.data import sample_data
from portvakt.schema.caller_kinds import OPERATOR
from tests.support.command_line import Portvakt

SAMPLE = sample_data(load()).customers[0]
ANSWERS = "integrations.answeredintegrationpersonalinformationaccess"


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below a group, with the words that call it."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)


ALL = dict(commands(typer.main.get_command(app)))


@pytest.fixture
def service(portvakt: Portvakt) -> str:
    """The name of a new service on organizations, of a public application of the same name."""
    name = f"Sync {uuid4()}"
    portvakt("application", "create", name, "visibility=public")
    made = portvakt("service", "create", name, name, "--level", "sales.organization")
    assert made.status == 0, made.errors
    return name


# --- all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    """A sentence on the command, one on each of its options and arguments."""
    command = ALL[words]
    assert (command.help or "").strip()
    for parameter in command.params:
        assert parameter.help or parameter.name == "help", parameter.name


def test_the_commands_that_need_one_show_an_example() -> None:
    """What is typed by hand can be copied from --help."""
    for words in (("import",), ("item",), ("application",), ("version",), ("activation",)):
        assert "portvakt " in (ALL[words].epilog or ""), words


def test_every_list_is_one_json_document(portvakt: Portvakt) -> None:
    """With --json nothing else stands on standard output."""
    lists = [words for words in ALL if words[-1] == "list" and words != ("item", "list")]
    assert len(lists) >= 7
    for words in lists:
        needed = {option.name for option in ALL[words].params if option.required}
        whose = ("--customer", SAMPLE.name) if "customer" in needed else ()
        done = portvakt(*words, *whose, "--json")
        assert (done.status, done.errors) == (0, ""), words
        assert isinstance(done.json, list)


# --- the life of an integration ------------------------------------------------------------------


def test_an_integration_lives_by_commands(portvakt: Portvakt, customer: str, service: str) -> None:
    """Version, activation, credential, suspension, and the move to the next version."""
    whose = ("--customer", customer)
    right = ("--right", "accounts.tenant=read")
    first = portvakt("version", "create", service, *right, "--id").output.strip()
    refused = portvakt("activation", "create", first, "NORTH", *whose)
    assert refused.status == 1
    assert "/service_version_id" in refused.errors
    assert portvakt("version", "publish", f"{service}:1").status == 0
    pk = portvakt("activation", "create", first, "NORTH", *whose, "--id").output.strip()
    shown = portvakt("activation", "show", pk, *whose, "--json").json
    assert shown["allowed_access"] == {"accounts.tenant": ["read"]}
    issued = portvakt("credential", "issue", pk, *whose, "--headers").output.splitlines()
    headers = dict(line.split(": ") for line in issued)
    assert list(headers) == list(HEADERS.values())
    named = portvakt("activation", "headers", pk, *whose, "--json").json
    assert named.items() < headers.items()
    for verb, active in (("suspend", False), ("resume", True)):
        assert portvakt("activation", verb, pk, *whose, "--json").json["is_active"] is active
    portvakt("version", "create", service, "--like", first, "--right", "address=read")
    portvakt("version", "publish", f"{service}:2")
    assert portvakt("version", "deprecate", f"{service}:1", "--json").json["state"] == "deprecated"
    moved = portvakt("activation", "change", pk, f"{service}:2", *whose, "--json").json
    assert moved["allowed_access"] == {"accounts.tenant": ["read"], "common.address": ["read"]}
    assert portvakt("activation", "change", pk, f"{service}:1", *whose).status == 1


def test_a_private_application_is_for_those_it_names(portvakt: Portvakt, customer: str) -> None:
    """`--for` lists a customer; others can't activate its services."""
    name = f"Books {uuid4()}"
    portvakt("application", "create", name, "--for", customer)
    portvakt("service", "create", name, name, "--level", "sales.organization")
    portvakt("version", "create", name)
    portvakt("version", "publish", f"{name}:1")
    assert (
        portvakt("activation", "create", f"{name}:1", "NORTH", "--customer", customer).status == 0
    )
    other = portvakt("activation", "create", f"{name}:1", "ORG-1", "--customer", SAMPLE.id)
    assert "/application_id" in other.errors


def test_an_administrator_is_made_with_a_password(
    portvakt: Portvakt, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an organization user of their own; an address is there once."""
    whose = ("--customer", customer, "--password-stdin")
    for status in (0, 1):
        monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
        done = portvakt("administrator", "create", "anna@example.com", *whose)
        assert done.status == status, done.errors
    users = portvakt("item", "list", "organizationuser", "--customer", customer, "--json").json
    assert [user["email"] for user in users] == ["anna@example.com"]
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert portvakt("administrator", "password", "anna@example.com", *whose).status == 1


# --- items ---------------------------------------------------------------------------------------


def test_items_are_created_changed_and_deleted(portvakt: Portvakt, customer: str) -> None:
    """By id or by key; what is empty is null."""
    whose = ("--customer", customer)
    given = ("first_name=Åsa", "custom_id=T-1", "organization.custom_id=NORTH", "is_active=false")
    made = portvakt("item", "create", "tenant", *given, *whose, "--json").json
    assert (made["first_name"], made["is_active"]) == ("Åsa", False)
    changed = ("last_name=Öberg", "first_name=", "organization.custom_id=SOUTH")
    portvakt("item", "update", "accounts.tenant", "T-1", *changed, *whose)
    now = portvakt("item", "get", "accounts.tenant", made["id"], *whose, "--json").json
    assert (now["first_name"], now["last_name"]) == (None, "Öberg")
    assert now["organization"] != made["organization"]
    assert portvakt("item", "delete", "tenant", "T-1", "--yes", *whose).status == 0
    assert portvakt("item", "get", "tenant", "T-1", *whose).status == 1


def test_lists_have_the_parameters_of_the_api(portvakt: Portvakt) -> None:
    """Filters, order and pages; as a table, an array, or an item a line."""
    whose = ("--customer", SAMPLE.id)
    asked = ("last_name__istartswith=b", "email__isnull!=true", "_order_by=-last_name,first_name")
    items = portvakt("item", "list", "tenant", *asked, *whose, "--json").json
    names = [item["last_name"] for item in items]
    assert names == sorted(names, reverse=True)
    assert all(name.startswith("B") for name in names)
    lines = portvakt("item", "list", "tenant", *asked, *whose, "--jsonl").output.splitlines()
    assert [json.loads(line) for line in lines[:-1]] == items
    assert json.loads(lines[-1]) == {"_end": {"count": len(items)}}
    without = portvakt("item", "list", "tenant", *asked, "_end=false", *whose, "--jsonl").output
    assert without.splitlines() == lines[:-1]
    two = portvakt("item", "list", "tenant", "--limit", "2", "--columns", "last_name", *whose)
    assert "There are more" in two.errors
    assert len([line for line in two.output.splitlines() if line.startswith("│")]) == 2
    columns = ("--columns", "custom_id,method", "--limit", "100")
    assert "portal" in portvakt("item", "list", ANSWERS, "_order_by=id", *columns, *whose).output
    none = portvakt("item", "list", "tenant", "custom_id=nobody", *whose, "--jsonl")
    assert (none.output, none.errors) == ('{"_end":{"count":0}}\n', "")


def test_resources_and_fields_can_be_looked_up(portvakt: Portvakt) -> None:
    """All that operators may use, with all their fields."""
    names = [each["name"] for each in portvakt("item", "resources", "--json").json]
    assert names == [each.name for each in load().offered if OPERATOR in each.used_by]
    for name in names:
        fields = [each["name"] for each in portvakt("item", "fields", name, "--json").json]
        assert fields == list(load().resources[name].known)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "tenannt"), "Did you mean tenant?"),
        (("list", "accounts.tenant"), "--customer"),
        (("list", "tenant", "--customer", "Nobody"), "portvakt customer list"),
        (("list", "tenant", "nam=1", "--customer", SAMPLE.id), "There is no such parameter"),
        (("list", "tenant", "name", "--customer", SAMPLE.id), "Expected name=value"),
        (("list", "tenant", "--columns", "frist_name", "--customer", SAMPLE.id), "first_name"),
        (("get", "tenant", "nobody", "--customer", SAMPLE.id), "portvakt item list"),
        (("get", "tenant", "ida@", "--customer", SAMPLE.id), "id or custom_id"),
        (("create", "credential", "--customer", SAMPLE.id), "it has: list, get"),
        (("create", "tenant", "frist_name=x", "--customer", SAMPLE.id), "first_name"),
        (("create", "tenant", "--customer", SAMPLE.id), "/first_name"),
        (("create", "tenant", "organization.custom_id=X", "--customer", SAMPLE.id), "'X'"),
        (("delete", "sales.organization", "ORG-1", "--yes", "--customer", SAMPLE.id), "refer"),
    ],
)
def test_errors_say_what_to_do(portvakt: Portvakt, arguments: tuple[str, ...], said: str) -> None:
    """On standard error, with status 1; standard output stays empty."""
    done = portvakt("item", *arguments)
    assert (done.status, done.output) == (1, "")
    assert said in done.errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("version", "publish", "Sync"), "SERVICE:NUMBER"),
        (("version", "publish", "Boendeportal:99"), "has no version 99"),
        (("version", "publish", "Boendeportl:1"), "There is no service"),
        (("version", "create", "Boendeportal", "--right", "accounts.tennant=read"), "tenant?"),
        (("version", "create", "Boendeportal", "--right", "accounts.tenant=raed"), "read?"),
        (("service", "create", "Drakbrev Boende", "X", "--level", "tenant"), "accounts.tenant"),
        (("activation", "create", "Boendeportal:2", "X", "--customer", SAMPLE.id), "organization"),
        (("credential", "issue", "INT-99", "--customer", SAMPLE.id), "integrationuseragent"),
    ],
)
def test_the_other_commands_say_what_to_do_too(
    portvakt: Portvakt, arguments: tuple[str, ...], said: str
) -> None:
    """With the nearest name, or the command that shows what there is."""
    done = portvakt(*arguments)
    assert (done.status, done.output) == (1, "")
    assert said in done.errors
