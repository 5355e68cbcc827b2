"""Verifies a ledger: an export, without any database; or a database, link by link.

Whatever was changed, removed, inserted or put elsewhere breaks the chain at its place. A tail that
was cut off is told by the head, and where somebody made a new head for a shorter chain, by a
checkpoint that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from portvakt.errors import PortvaktError
from portvakt.ledger import chain
from portvakt.ledger.chain import GENESIS, HEAD, LINK, ChainPosition, Signer
from portvakt.ledger.seal import projection
from portvakt.schema import json_text
from portvakt.storage.databases.interface import Connection
from portvakt.storage.store import Store

Head = dict[str, Any]
Link = dict[str, Any]


class Broken(PortvaktError):
    """A ledger is not what it was: the message says where, and what is wrong."""


class Chain:
    """Follows a chain link by link. Raises `Broken`."""

    def __init__(self, checkpoints: Sequence[Head] = (), keys: Collection[str] = ()) -> None:
        """Each checkpoint is a head kept elsewhere; `keys`: the public keys that may have signed.

        No keys: any may.
        """
        self._keys = keys
        self._checkpoints: dict[int, str] = {}
        self.customer = ""
        self.kept = ChainPosition()
        for head in checkpoints:
            self._check_signature(head, "The checkpoint")
            self._belongs(head["customer"], "The checkpoint")
            self._checkpoints[head["position"]] = head["hash"]
        self._compare()

    def add(self, record: Mapping[str, Any], digest: str) -> None:
        """The next link, and the hash that it is said to have."""
        position, previous = self.kept
        where = f"Position {position + 1}"
        self._belongs(record["customer"], where)
        if record["position"] != position + 1:
            raise Broken(f"{where} is missing: {record['position']} stands in its place.")
        if record["previous"] != previous:
            raise Broken(f"{where} doesn't follow the link before it.")
        if chain.hash_of(record) != digest:
            raise Broken(f"{where} was changed: it doesn't have its hash.")
        self.kept = ChainPosition(position + 1, digest)
        self._compare()

    def end(self, head: Head) -> None:
        """The head, after the last link."""
        self._check_signature(head, "The head")
        self._belongs(head["customer"], "The head")
        if head["position"] != self.kept.position:
            last = self.kept.position
            raise Broken(f"The head is at position {head['position']}, the last link at {last}.")
        if head["hash"] != self.kept.hash:
            raise Broken("The head isn't that of the last link.")
        missing = [position for position in self._checkpoints if position > self.kept.position]
        if missing:
            raise Broken(
                f"The tail was cut off: a checkpoint knows position {max(missing)}, and the ledger "
                f"ends at {self.kept.position}."
            )

    def _compare(self) -> None:
        known = self._checkpoints.get(self.kept.position)
        if known is not None and known != self.kept.hash:
            raise Broken(f"Position {self.kept.position} isn't the one that a checkpoint knows.")

    def _belongs(self, customer: str, what: str) -> None:
        self.customer = self.customer or customer
        if customer != self.customer:
            raise Broken(f"{what} belongs to another customer.")

    def _check_signature(self, head: Head, what: str) -> None:
        if not chain.is_signed(head):
            raise Broken(f"{what} isn't signed by its key.")
        if self._keys and head["key"] not in self._keys:
            raise Broken(f"{what} is signed by a key that wasn't named.")


# --- an export ------------------------------------------------------------------------------------


def check_export(
    lines: Iterable[bytes], checkpoints: Sequence[Head] = (), keys: Collection[str] = ()
) -> Head:
    """Verify the lines of an export, one after the other; its head. Raises `Broken`.

    The head is the end. The line that the API adds to any answer when asked (`_end`) may follow.
    """
    following = Chain(checkpoints, keys)
    head: Head | None = None
    for number, line in enumerate(lines, 1):
        if head is not None:
            if line == b'{"_end":{"count":%d}}\n' % (number - 1):
                continue
            raise Broken(f"Line {number} stands after the head.")
        record = _record(line, number)
        if "signature" in record:
            head = record
            following.end(head)
        else:
            digest = record.pop("hash")
            following.add(record, digest)
    if head is None:
        raise Broken(f"The tail was cut off: there is no head after {following.kept.position}.")
    return head


_LINK_NAMES, _HEAD_NAMES = {*LINK, "hash"}, {*HEAD, "signature"}


def _record(line: bytes, number: int) -> dict[str, Any]:
    """One line, which must be to the byte what an export writes."""
    try:
        record = json_text.decode(line)
    except json_text.RepeatedNames as repeated:
        raise Broken(f"Line {number}: {repeated}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Broken(f"Line {number} isn't JSON.") from None
    if not isinstance(record, dict) or {*record} not in (_LINK_NAMES, _HEAD_NAMES):
        raise Broken(f"Line {number} is neither a link nor a head.")
    if line != chain.canonical(record) + b"\n":
        raise Broken(f"Line {number} isn't in its canonical form.")
    return record


def read_checkpoint(text: bytes) -> Head:
    """A kept checkpoint. Raises `Broken` where it isn't one."""
    try:
        head = msgspec.json.decode(text, type=dict[str, str | int | None])
        json_text.refuse_repeated(text, head)
    except json_text.RepeatedNames as repeated:
        raise Broken(f"The checkpoint: {repeated}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Broken("The checkpoint isn't JSON.") from None
    if {*head} != _HEAD_NAMES:
        raise Broken("The checkpoint isn't one that `portvakt ledger checkpoint` prints.")
    return head


# --- a database -----------------------------------------------------------------------------------


async def stored_head(
    store: Store, connection: Connection, signer: Signer | None, customer: str, now: str
) -> Head | None:
    """The head of a customer's chain as it is stored; signed now where it wasn't.

    None where it isn't signed and can't be.
    """
    stored = (await store.seals.heads(connection, [customer])).get(customer)
    if stored is None or stored["signature"] is None:
        last = ChainPosition(stored["position"], stored["hash"]) if stored else ChainPosition()
        at = stored["at"] if stored else now
        return signer.head(customer, *last, at) if signer else None
    return {"kind": "head", "customer": customer, **{n: stored[n] for n in _STORED}}


_STORED = ("position", "hash", "at", "key", "signature")


async def links(
    store: Store, connection: Connection, customer: str, first: int, last: int
) -> AsyncGenerator[tuple[Link, dict[str, Any]], None]:
    """The links from one position to another, and the rows of the log. Raises `Broken`.

    `previous` is what the log says; of the first one it is read from the one before.
    """
    previous = GENESIS
    start = max(first - 1, 1)
    async with aclosing(store.seals.chain(connection, customer, start, last)) as stored:
        async for log, event in stored:
            if log["position"] >= first:
                if event["item"] is None:
                    raise Broken(f"Position {log['position']}: its event is missing.")
                name = store.registry.content_types.get(event["content_type"], "")
                yield chain.link(event, name, log["position"], previous), log
            previous = log["hash"]


async def check_database(
    store: Store,
    connection: Connection,
    customer: str,
    signer: Signer | None = None,
    checkpoints: Sequence[Head] = (),
    keys: Collection[str] = (),
) -> ChainPosition:
    """Verify a customer's chain in a database; its last link. Raises `Broken`.

    The head's signature is verified where there is one, or a signer.
    """
    following = Chain(checkpoints, keys)
    stored = (await store.seals.heads(connection, [customer])).get(customer)
    async for record, log in links(store, connection, customer, 1, 2**31 - 1):
        following.add(record, log["hash"])
        _check_log(record, log)
    last = ChainPosition(stored["position"], stored["hash"]) if stored else ChainPosition()
    if last != following.kept:
        raise Broken(f"The head is at {last.position}, the last link at {following.kept.position}.")
    head = await stored_head(store, connection, signer, customer, stored["at"] if stored else "")
    if head is not None:
        following.end(head)
    left_out = await store.seals.left_out(connection, customer)
    if left_out:
        raise Broken(f"{left_out} events were inserted beside the chain.")
    return following.kept


def _check_log(record: Link, log: dict[str, Any]) -> None:
    told = projection(record, record["content_type"])
    for name in ("event_identifier", "created_at"):
        if told[name] != log[name]:
            raise Broken(f"Position {log['position']}: the log's {name} was changed.")


async def export(
    store: Store, connection: Connection, signer: Signer, customer: str, now: str
) -> AsyncGenerator[bytes, None]:
    """The lines of an export of a customer's chain, the head last."""
    head = await stored_head(store, connection, signer, customer, now)
    assert head is not None  # noqa: S101 - there is a signer
    async with aclosing(links(store, connection, customer, 1, head["position"])) as told:
        async for record, log in told:
            yield chain.canonical({**record, "hash": log["hash"]}) + b"\n"
    yield chain.canonical(head) + b"\n"
