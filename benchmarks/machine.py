"""The machine: which core runs what, what it is, and what a process has used of it."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

_LOOK_SECONDS, _IDLE_SHARE = 0.5, 0.1
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def cores() -> list[int]:
    """The cores that we may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return []


_CORES = cores()
SERVER_CORE = _CORES[0] if _CORES else 0
"""The core of the measured server process, and of the floor in its place."""

OTHER_CORE = _CORES[-1] if _CORES else 0
"""The core of the database and of the load generator."""


def pin(core: int) -> None:
    """Keep this process, and those it will start, on one core (where the system can do so)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def processes(core: int, many: int = 1) -> ProcessPoolExecutor:
    """Processes on one core, in which a function can be run."""
    context = get_context("spawn")
    return ProcessPoolExecutor(many, context, initializer=pin, initargs=(core,))


def facts(postgresql: str) -> dict[str, str]:
    """What was measured on."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": ", ".join(map(str, _CORES)) or "unknown",
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "PostgreSQL": postgresql,
        "SQLite": sqlite3.sqlite_version,
    }


def _first(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, "")


@dataclass(frozen=True)
class Used:
    """What some processes used: seconds of processor, and bytes of memory at most."""

    cpu: float
    peak: int


class Meter:
    """Measures processes from now on (Linux; elsewhere it says nothing)."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._began = time.perf_counter()
        self._before = self._cpu()
        for pid in pids:
            # The peak is counted from here.
            _quietly(lambda pid=pid: Path(f"/proc/{pid}/clear_refs").write_text("5"))  # type: ignore[misc]
        self.resident = sum(self._memory(pid, "VmRSS") for pid in pids)

    @property
    def spent(self) -> float:
        """Seconds of processor that they had used before."""
        return self._before

    def used(self) -> Used:
        """Since the beginning."""
        peak = sum(self._memory(pid, "VmHWM") for pid in self._pids)
        return Used(self._cpu() - self._before, peak)

    def when_idle(self, longest: float = 60.0) -> Meter:
        """Measures from when they do next to nothing: what was written is sealed afterwards."""
        end = time.monotonic() + longest
        meter = self
        while True:
            time.sleep(_LOOK_SECONDS)
            idle = meter.used().cpu < _IDLE_SHARE * _LOOK_SECONDS
            meter = Meter(self._pids)
            if idle or time.monotonic() > end:
                return meter

    def _cpu(self) -> float:
        return sum(map(_cpu_seconds, self._pids))

    @staticmethod
    def _memory(pid: int, name: str) -> int:
        return int((_first(f"/proc/{pid}/status", name).split() or ["0"])[0]) * 1024


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except OSError:
        return


def family(pid: int) -> list[int]:
    """A process and its children, at any depth."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found
