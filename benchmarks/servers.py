"""The servers that are measured, each on its core: Portvakt, the peer, PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.builds import ROOT, THIS, Build
from benchmarks.machine import OTHER_CORE, SERVER_CORE, family, pin
from tests.support import postgres

_START_SECONDS = 60.0
_STOP_SECONDS = 40.0

# As a production server has them: what was committed is on the disk.
OPTIONS = {
    **postgres.OPTIONS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "work_mem": "16MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
}


@dataclass(frozen=True)
class Server:
    """A running server: its name, its port and its processes."""

    name: str
    port: int
    pids: Sequence[int]


@contextmanager
def cluster() -> Iterator[str]:
    """A throw-away PostgreSQL with production's durability, on the other core."""
    with postgres.temporary_cluster(postgres.programs(), OPTIONS) as url:
        yield url


@contextmanager
def portvakt(
    folder: Path, database: str, keys: str, build: Build = THIS, /, **settings: Any
) -> Iterator[Server]:
    """One process of `portvakt serve`, its settings the defaults but for those given."""
    port = postgres.free_port()
    given = {"database": database, "credential_keys": keys, "port": port, **settings}
    environment = {f"PORTVAKT_{name.upper()}": str(value) for name, value in given.items()}
    command = [build.python, "-m", "portvakt", "serve"]
    log = folder / f"portvakt-{build.name}.log"
    with _running(log, command, build.environment(**environment)) as process:
        _wait(port, "/health/ready", process)
        yield Server("Portvakt", port, family(process.pid))


@contextmanager
def peer(folder: Path, database: str, keys: str) -> Iterator[Server]:
    """The peer under gunicorn, all of its processes on the server's core."""
    port = postgres.free_port()
    environment = THIS.environment(PEER_DATABASE=database, PEER_KEYS=keys)
    environment["PYTHONPATH"] = str(ROOT / "benchmarks" / "peers")
    command = [sys.executable, "-m", "gunicorn", "--config", "python:django_rest.gunicorn"]
    command += ["--bind", f"127.0.0.1:{port}", "django_rest.wsgi"]
    with _running(folder / "peer.log", command, environment) as process:
        _wait(port, "/health/ready", process)
        yield Server("Peer", port, family(process.pid))


@contextmanager
def _running(
    log: Path, command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=partial(pin, SERVER_CORE),  # noqa: PLW1509 - no threads run yet
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers. Raises `RuntimeError` if it has ended or doesn't start."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
        time.sleep(0.05)
    raise RuntimeError("A server did not start; its log stands in var/bench/.")


def pin_to_other_core() -> None:
    """Keep this process, and so the database, off the server's core."""
    pin(OTHER_CORE)
