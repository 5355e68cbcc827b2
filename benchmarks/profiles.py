"""Where the time of a request goes: the server's stacks, sampled by py-spy while W1 and W2 run.

A sample is put down to the first part, from the innermost call outwards, that the table below
names; the shares are of the processor's time that a request takes without py-spy.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import load
from benchmarks.machine import Meter
from benchmarks.measure import Bench
from benchmarks.plan import CLIENTS
from benchmarks.servers import Server

Profile = dict[str, float]
"""Microseconds of the processor a request, by part; the largest first."""

_RATE = 400  # samples a second

# (what is in a frame "function (file:line)", the part); the first that is found counts.
_PARTS: Sequence[tuple[str, str]] = [
    (r"asyncpg/|storage/(sqlite|postgresql)", "the driver and, of SQLite, the database itself"),
    (r"storage/sql/rows|^read \(<string>", "rows to items"),
    (r"Json\.|api/problems|starlette/responses", "the answer: JSON and headers"),
    (r"structlog/|portvakt/logs|_Answering\.log", "the log line"),
    (r"portvakt/access/", "credentials, rights, addresses"),
    (r"portvakt/storage/|portvakt/schema/", "choosing the statement, binding its values"),
    (r"api/(query_string|parameters|cursor|pages)", "reading the parameters"),
    (r"portvakt/(api|operations)/", "dispatch and operation"),
    (r"uvicorn/|http_protocol|httptools", "HTTP: uvicorn, httptools"),
    (r"asyncio/|uvloop", "the event loop and the system's sockets"),
]
_OTHER = "anything else"


def measure(
    bench: Bench, server: Server, workloads: dict[str, list[bytes]]
) -> dict[str, Profile | None]:
    """The profile of each workload; None where py-spy may not look at the process."""
    return {name: _profile(bench, server, name, asked) for name, asked in workloads.items()}


def _profile(bench: Bench, server: Server, name: str, asked: list[bytes]) -> Profile | None:
    bench.note(f"profile of {name}")
    meter = Meter(server.pids)
    result = bench.closed(server.port, asked)
    each = meter.used().cpu / result.answers * 1e6
    seconds = max(2, round(bench.plan.seconds))
    with TemporaryDirectory() as folder:
        stacks = Path(folder, "stacks")
        running = bench.load.submit(load.closed, server.port, asked, CLIENTS, seconds=seconds + 2)
        done = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "py-spy"), "record", "--pid"),
                *(str(server.pids[-1]), "--format", "raw", "--output", str(stacks)),
                *("--rate", str(_RATE), "--duration", str(seconds), "--nonblocking"),
            ],
            capture_output=True,
            check=False,
        )
        running.result()
        if done.returncode or not stacks.exists():
            return None
        return _shares(stacks.read_text().splitlines(), each)


def _shares(lines: Sequence[str], each: float) -> Profile:
    counted: Counter[str] = Counter()
    for line in lines:
        stack, _, many = line.rpartition(" ")
        counted[_part(reversed(stack.split(";")))] += int(many)
    total = counted.total() or 1
    return {part: many / total * each for part, many in counted.most_common()}


def _part(frames: Iterator[str]) -> str:
    for frame in frames:
        for pattern, part in _PARTS:
            if re.search(pattern, frame):
                return part
    return _OTHER
