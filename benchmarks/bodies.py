"""`python -m benchmarks.bodies`: memory, and others' longest wait, beside bodies that are strange.

Each case sends its bodies to a fresh server, all at once, while another client asks
`/health/live` again and again. Nothing is asserted: the table shows what there is to see.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.builds import ROOT
from benchmarks.data import ORGANIZATIONS, Size, pk
from benchmarks.machine import OTHER_CORE, Meter, pin
from benchmarks.seeding import Caller, seed
from benchmarks.servers import Server, cluster, portvakt
from benchmarks.workloads import PATH
from portvakt.access.credentials import new_key
from tests.support import postgres

KINDS = ("sqlite", "postgresql")
TARGET = 0.1
"""Seconds that `/health/live` may take beside any of these."""

_MIB = 1024 * 1024
_SECONDS = 120
_NOTICES = "/integrations/notice/list/?_dry_run=true"
_TENANTS = "/accounts/users/customer/tenant/list/?_dry_run=true"


class Case(NamedTuple):
    """Bodies that are sent at a time: what they are, whereto, by whom, and how many."""

    name: str
    path: str
    body: Callable[[], bytes]
    many: int = 1
    known: bool = True


def _lists(size: int) -> bytes:
    return b"[" + b"[]," * (size // 3) + b"[]]"


def _of_lists() -> bytes:
    return b"[" + b",".join([_lists(770)] * 10_000) + b"]"


def _kept_lists() -> bytes:
    item = b'{"profile_picture":{"x":' + _lists(740) + b"}}"
    return b"[" + b",".join([item] * 10_000) + b"]"


def _unknown(size: int) -> bytes:
    return json.dumps({f"unknown_field_{number}": 1 for number in range(size // 24)}).encode()


def _wrong() -> bytes:
    names = [f"custom_idd_{number}" for number in range(20)]
    return json.dumps([{f"{n}_{i}": 1 for n in names} for i in range(10_000)]).encode()


def _right() -> bytes:
    within = {"organization": {"id": pk(ORGANIZATIONS, 0, 0)}}
    return json.dumps(
        [{"custom_id": f"B-{i}", "first_name": "Ada", **within} for i in range(10_000)]
    ).encode()


def _short_texts() -> bytes:
    """Objects of short texts, as many as there is room for."""
    within = {"organization": {"id": pk(ORGANIZATIONS, 0, 0)}}
    said = {"first_name": "Ada", "profile_picture": {f"k{n}": f"v{n}" for n in range(40)}}
    items = [{"custom_id": f"B-{i}", **said, **within} for i in range(10_000)]
    return json.dumps(items, separators=(",", ":")).encode()


def _marked() -> bytes:
    marks = "".join(chr(0x300 + place % 112) for place in range(100_000))
    return json.dumps(
        [{"version": n + 1, "language": "sv", "text": marks} for n in range(60)], ensure_ascii=False
    ).encode()


CASES = (
    Case("nothing", "/platform/login/", lambda: b"{}", known=False),
    Case(
        "a login of 31.5 MiB of small lists",
        "/platform/login/",
        lambda: b'{"email": ' + _lists(int(31.5 * _MIB)) + b"}",
        known=False,
    ),
    Case("one item, 28 MiB of unknown fields", PATH, lambda: _unknown(28 * _MIB)),
    Case("one item, 0.9 MiB of unknown fields", PATH, lambda: _unknown(_MIB * 9 // 10)),
    Case(
        "one item with a field of 1 MiB",
        PATH,
        lambda: b'{"custom_id": "' + b"x" * (_MIB - 100) + b'"}',
    ),
    Case("28 items, 1 MiB of unknown fields each", f"{PATH}list/", lambda: _many_unknown(28)),
    Case(
        "bulk write of 7.7 MiB of small lists, ten at a time",
        _TENANTS,
        lambda: _lists(int(7.7 * _MIB)),
        10,
    ),
    Case("10,000 items of small lists, ten at a time", _TENANTS, _of_lists, 10),
    Case("10,000 items that keep small lists, ten at a time", _TENANTS, _kept_lists, 10),
    Case("10,000 items, each wrong in 20 fields", f"{PATH}list/", _wrong),
    Case("60 notices of 100,000 marks", _NOTICES, _marked),
    Case("60 notices of 100,000 marks, ten at a time", _NOTICES, _marked, 10),
    Case("10,000 items that keep short texts, ten at a time", _TENANTS, _short_texts, 10),
    Case("10,000 items that are right", _TENANTS, _right),
    Case("10,000 items that are right, ten at a time", _TENANTS, _right, 10),
)


def _many_unknown(items: int) -> bytes:
    return b"[" + b",".join([_unknown(_MIB * 9 // 10)] * items) + b"]"


class Shown(NamedTuple):
    """What a case took: bytes of memory beyond an idle server's, seconds, the longest wait."""

    sent: int
    grown: int
    took: float
    waited: float
    answers: str


def show(case: Case, server: Server, headers: Mapping[str, str]) -> Shown:
    """Send the bodies of a case."""
    body = case.body()
    with _watched(server) as waits:
        time.sleep(0.5)
        meter, began = Meter(server.pids), time.monotonic()
        with ThreadPoolExecutor(case.many) as threads:
            sending = [threads.submit(_send, server, case, headers, body) for _ in range(case.many)]
        took = time.monotonic() - began
        peak = meter.used().peak
    statuses = Counter(one.result() for one in sending)
    answers = ", ".join(f"{status} ({times})" for status, times in sorted(statuses.items()))
    return Shown(len(body) * case.many, peak - meter.resident, took, max(waits), answers)


def _send(server: Server, case: Case, headers: Mapping[str, str], body: bytes) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_SECONDS)
    given = {**(headers if case.known else {}), "Content-Type": "application/json"}
    try:
        connection.request("POST", case.path, body, given)
        answer = connection.getresponse()
        answer.read()
    except OSError as error:  # refused while it was still being sent
        return type(error).__name__
    finally:
        connection.close()
    return str(answer.status)


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """Within the block the server is asked whether it is alive; how long each answer took."""
    waits: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_SECONDS)
        while not ended.is_set():
            began = time.perf_counter()
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            waits.append(time.perf_counter() - began)
            time.sleep(0.002)
        connection.close()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield waits
    finally:
        ended.set()
        watching.join()


def _run(kind: str, url: str, folder: Path, cases: Sequence[Case]) -> None:
    keys = f"1:{new_key()}"
    caller: Caller
    (caller,) = seed(url, keys, Size(1000, 1334, 1), lambda _what, _rows: None)
    for case in cases:
        with portvakt(folder, url, keys) as server:
            shown = show(case, server, caller.headers)
        waited = f"{shown.waited * 1000:.0f} ms" + ("" if shown.waited < TARGET else " (!)")
        cells = [
            kind,
            case.name,
            f"{shown.sent / _MIB:.1f} MiB",
            f"{shown.grown / _MIB:+.0f} MiB",
            f"{shown.took:.1f} s",
            waited,
            shown.answers,
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def main(arguments: Sequence[str]) -> None:
    """Send each case to each database's server, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bodies", description=__doc__)
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--case", default="", help="only those whose name has this in it")
    options = parser.parse_args(arguments)
    cases = [case for case in CASES if options.case in case.name]
    pin(OTHER_CORE)
    print("| database | what is sent | bytes | memory | took | /health/live waited | answers |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    for kind in options.database or KINDS:
        with tempfile.TemporaryDirectory(prefix="bodies-", dir=place) as folder:
            if kind == "sqlite":
                _run(kind, f"sqlite:///{folder}/main.db", Path(folder), cases)
                continue
            with cluster() as server, postgres.fresh_database(server) as url:
                _run(kind, url, Path(folder), cases)


if __name__ == "__main__":
    main(sys.argv[1:])
