"""Receipts and ledgers that are handed out over HTTP, and verified by who has only the file."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from portvakt.ledger import verify
from portvakt.ledger.receipt import Forged, check
from portvakt.ledger.verify import check_export, read_checkpoint
from tests.support.event_log import events_of
from tests.support.examples import ANSWERS, create
from tests.support.servers import Server, command

LOGS = {"customer": "/common/eventlog/", "platform": "/platform/ledgerentry/"}


def receipt_of(client: httpx.Client, item: dict[str, Any]) -> bytes:
    """The receipt of an answer."""
    answer = client.get(f"{ANSWERS.path}{item['id']}/receipt/")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_receipt_tells_what_was_answered(
    client: httpx.Client, operating: httpx.Client, tmp_path: Path
) -> None:
    """Who, to whom, what and when, with the place in the ledger; the command verifies the file."""
    notice = {"version": 1, "language": "sv", "text": "Hej", "integration": None}
    told = operating.post("/integrations/notice/", json=notice)
    notices = operating.get("/integrations/notice/list/?version=1&language=sv").json()
    assert told.status_code in (201, 409), told.text
    evidence: dict[str, Any] = {"method": "paper", "notice": {"id": notices[0]["id"]}}
    item = create(client, ANSWERS, answer=True, **evidence)
    first = check(receipt_of(client, item))
    events_of(client, item["id"], 1)
    text = receipt_of(client, item)
    receipt = check(text)
    assert receipt["record_id"] == item["id"]
    assert receipt["event"][0]["event_state"] == "given"
    assert receipt["event"][0]["event_time"] == item["created_at"]
    (purpose,) = receipt["pii_processing"]["purposes"]
    assert purpose["collection_method"] == "paper"
    assert receipt["pii_processing"]["language"] == "sv"
    assert {"pii_type": "first_name"} in purpose["pii_information"]
    roles = {party["party_role"] for party in receipt["party_identification"]}
    assert roles == {"pii_controller", "recipient_third_party"}
    own = receipt["portvakt"]
    assert (own["revision"], own["integration"]) == (1, item["integration"]["id"])
    assert own["position"] >= 1
    assert first["portvakt"]["revision"] == 1
    lines = operating.get("/common/eventlog/ledger/").content.splitlines()
    assert json.loads(lines[own["position"] - 1])["hash"] == own["hash"]
    (tmp_path / "receipt.json").write_bytes(text)
    key = ("--public-key", receipt["key"])
    done = command(tmp_path, ["receipt", "verify", "receipt.json", *key])
    assert done.returncode == 0, done.stderr
    assert "given" in done.stdout
    assert done.stderr == ""
    unknown = command(tmp_path, ["receipt", "verify", "receipt.json"])
    assert (unknown.returncode, "--public-key" in unknown.stderr) == (0, True)
    (tmp_path / "receipt.json").write_bytes(text.replace(b"given", b"taken"))
    assert command(tmp_path, ["receipt", "verify", "receipt.json"]).returncode == 1


def test_a_receipt_of_a_no_tells_nothing_of_the_yes(client: httpx.Client) -> None:
    """How the yes was given, by whom and until when, isn't said of what came after it."""
    said: dict[str, Any] = {
        "method": "paper",
        "on_behalf_of": "Eva",
        "expires_at": "2100-01-01T00:00:00Z",
    }
    item = create(client, ANSWERS, answer=True, **said)
    client.patch(f"{ANSWERS.path}{item['id']}/", json={"answer": False}).raise_for_status()
    receipt = check(receipt_of(client, item))
    assert receipt["event"][0]["event_state"] == "refused"
    (purpose,) = receipt["pii_processing"]["purposes"]
    own = receipt["portvakt"]
    told = (purpose["collection_method"], own["on_behalf_of"], own["valid_until"])
    assert told == (None, None, None)


def test_each_changed_byte_of_a_receipt_is_found(client: httpx.Client) -> None:
    """Changed, removed or inserted, and whitespace too; and a key that wasn't named."""
    text, random = receipt_of(client, create(client, ANSWERS)), Random("receipt")
    check(text)
    for place in range(len(text)):
        other = bytes([text[place] ^ (1 << random.randrange(8))])
        for changed in (other, b"", text[place : place + 1] * 2, b" " + text[place : place + 1]):
            forged = text[:place] + changed + text[place + 1 :]
            if forged != text:
                with pytest.raises(Forged):
                    check(forged)
    with pytest.raises(Forged, match="wasn't named"):
        check(text, ["0" * 64])


def test_a_receipt_is_for_who_sees_the_answer(
    client: httpx.Client, other_client: httpx.Client
) -> None:
    """Nobody else learns that there is one."""
    item = create(client, ANSWERS)
    assert other_client.get(f"{ANSWERS.path}{item['id']}/receipt/").status_code == 404


@pytest.mark.parametrize("whose", LOGS)
def test_a_ledger_is_handed_out_and_verifies(
    operating: httpx.Client, client: httpx.Client, server: Server, whose: str
) -> None:
    """With a checkpoint from before; integrations get neither."""
    log = LOGS[whose]
    with server.client(None) as people:
        headers = dict(operating.headers) if whose == "customer" else {}
        people.headers.update(headers or {"Authorization": operating.headers["Authorization"]})
        answer = people.get(f"{log}checkpoint/")
        assert answer.status_code == 200, answer.text
        kept = read_checkpoint(answer.content)
        exported = people.get(f"{log}ledger/")
        assert exported.headers["Content-Type"] == "application/x-ndjson"
        lines = exported.content.splitlines(keepends=True)
        ended = people.get(f"{log}ledger/?_end=true").content.splitlines(keepends=True)
    head = check_export(lines, [kept], [kept["key"]])
    assert head["position"] == len(lines) - 1 >= kept["position"] > 0
    with pytest.raises(verify.Broken):
        check_export(lines[:-2] + lines[-1:], [kept])
    last = json.loads(ended[-1])
    assert last == {"_end": {"count": len(ended) - 1}}
    assert check_export(ended, [kept])["position"] == len(ended) - 2
    for wrong in ([*ended[:-1], lines[0]], [*lines, ended[-1] + b" "], [ended[-1], *lines]):
        with pytest.raises(verify.Broken):
            check_export(wrong)
    for tail in ("checkpoint/", "ledger/"):
        assert client.get(log + tail).status_code == 403
