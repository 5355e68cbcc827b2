"""The commands that answer what a person asks for, on both databases."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.support.command_line import Portvakt
from tests.support.stores import PERMISSIONS


def test_a_person_is_erased_once_it_is_confirmed(
    portvakt: Portvakt, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by a custom_id, which is gone with the rest; a second time says that it was done."""
    made = portvakt(
        *("item", "create", "tenant", "last_name=Öberg", "custom_id=T-1"),
        *("--customer", customer, "--json"),
    )
    assert made.status == 0, made.errors
    pk = made.json["id"]
    erase = ("person", "erase", "tenant")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    unsure = portvakt(*erase, "T-1", "--customer", customer)
    assert unsure.status == 1
    told = portvakt(*erase, "T-1", "--customer", customer, "--yes", "--json")
    assert told.status == 0, told.errors
    assert (told.json["id"], told.json["outcome"], told.json["last_name"]) == (pk, "erased", None)
    assert "no tenant" in portvakt(*erase, "T-1", "--customer", customer, "--yes").errors
    again = portvakt(*erase, pk, "--customer", customer, "--yes")
    assert "was erased already" in again.output
    left = portvakt("item", "get", "tenant", pk, "--customer", customer, "--json")
    assert left.json["first_name"] == "Erased"


def test_everything_about_a_person_is_written(
    portvakt: Portvakt, customer: str, tmp_path: Path
) -> None:
    """As JSON and as a page, which nobody else on the machine can read; or printed."""
    body = ("last_name=Öberg", "custom_id=T-2")
    portvakt("item", "create", "tenant", *body, "--customer", customer)
    files = tmp_path / "person.json", tmp_path / "person.html"
    export = ("person", "export", "tenant", "T-2", "--customer", customer)
    done = portvakt(*export, "--json", files[0], "--html", files[1])
    assert done.status == 0, done.errors
    told = json.loads(files[0].read_text("utf-8"))
    assert told["person"]["last_name"] == "Öberg"
    assert told["head"]["customer"]["id"] == customer
    assert "<td>Öberg</td>" in files[1].read_text("utf-8")
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    missing = portvakt(*export, "--html", tmp_path / "nowhere" / "x.html")
    assert missing.status == 1
    assert "Can't write" in missing.errors


@pytest.mark.parametrize("kind", ["sub_tenant", "subtenant", "accounts.subtenant"])
def test_a_kind_is_its_resource(portvakt: Portvakt, customer: str, kind: str) -> None:
    """Both commands take the one for the other."""
    may = [f"{name}=false" for name in PERMISSIONS]
    body = ("first_name=Åsa", "last_name=Ö", f"custom_id={kind}", *may)
    made = portvakt("item", "create", kind, *body, "--customer", customer, "--json")
    assert made.status == 0, made.errors
    told = portvakt("person", "export", kind, kind, "--customer", customer)
    assert told.status == 0, told.errors
    assert told.json["person"]["id"] == made.json["id"]


def test_a_wrong_kind_of_person_is_told(portvakt: Portvakt, customer: str) -> None:
    """With those that there are."""
    failed = portvakt("person", "erase", "guest", "x", "--customer", customer, "--yes")
    assert failed.status == 1
    assert "organization_user" in failed.errors
