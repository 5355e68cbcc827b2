"""What was sealed and handed out once is verified by what verifies today.

The two files are never made anew. A ledger can't be written again, and who holds a receipt can't be
asked to fetch another one: a new format needs a version of its own, beside the one of the files.
"""

from __future__ import annotations

import json
from pathlib import Path

from portvakt.ledger import chain, receipt
from portvakt.ledger.verify import check_export
from tests.support.sealing import SIGNER

GOLDEN = Path(__file__).parent.parent / "golden"
LEDGER = (GOLDEN / "ledger.jsonl").read_bytes()
RECEIPT = (GOLDEN / "receipt.json").read_bytes()

LAST = "5af0c7236de179d3242d66eb00fb6c18038d37a5c1f678a7b707038e1791eb87"
"""The hash of the last of its links, and so of all of them."""


def test_a_stored_ledger_is_verified() -> None:
    """Each link is hashed as it was, and the head is signed as it was."""
    head = check_export(LEDGER.splitlines(keepends=True), keys=[SIGNER.key])
    assert (head["position"], head["hash"]) == (29, LAST)


def test_a_link_is_hashed_as_it_always_was() -> None:
    """By RFC 8785 and SHA-256, of these members and no others."""
    *links, _ = map(json.loads, LEDGER.splitlines())
    for link in links:
        assert chain.hash_of({name: link[name] for name in chain.LINK}) == link["hash"]
        assert link.keys() == {*chain.LINK, "hash"}


def test_a_receipt_that_somebody_holds_is_verified() -> None:
    """It still says the same."""
    held = receipt.check(RECEIPT, [SIGNER.key])
    assert held["event"][0]["event_state"] == "given"
    assert held["portvakt"]["position"] == 28
