"""Keeps several server processes on one socket: starts, replaces and ends them.

None of its waits is without an end. uvicorn's own supervisor gives a process five seconds to start,
doesn't hear a signal meanwhile, and waits for ever for one that doesn't end.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress

import structlog

START = 60.0
"""Seconds in which a process must serve; else it is ended as one that can't."""

SILENCE = 60.0
"""Seconds without a sign of life after which one that serves is taken for hung."""

END = 5.0
"""Seconds in which a process must end when told to, besides those that its requests have."""

RETRY = 1.0
"""Seconds before another is started in the place of one that ended by itself."""

_TICK = 0.1  # seconds between two looks; nobody waits for one that long
_log = structlog.get_logger("portvakt.supervisor")


class Worker:
    """One server process. `serving`: it has said so. `ending`: it was told to end."""

    def __init__(self, sock: socket.socket) -> None:
        self._pipe, theirs = os.pipe()
        os.set_blocking(self._pipe, False)
        numbers = (sock.fileno(), theirs)
        command = [sys.executable, "-P", "-m", "portvakt.server.worker", *map(str, numbers)]
        try:
            self.process = subprocess.Popen(command, pass_fds=numbers)  # noqa: S603 - ourselves
        finally:
            os.close(theirs)
        self.serving = self.ending = False
        self.deadline = time.monotonic() + START

    def look(self) -> bool:
        """Hear its signs of life. Whether it is there; after its deadline it isn't for long."""
        with suppress(BlockingIOError):
            if os.read(self._pipe, 4096) and not self.ending:
                self.serving = True
                self.deadline = time.monotonic() + SILENCE
        if self.process.poll() is not None:
            os.close(self._pipe)
            return False
        if time.monotonic() >= self.deadline:
            _log.error("process killed", pid=self.process.pid, serving=self.serving)
            self.process.kill()
            self.deadline = time.monotonic() + SILENCE
        return True

    def end(self, seconds: float) -> None:
        """Tell it to end, within some seconds if it serves."""
        if not self.ending:
            self.ending = True
            self.deadline = time.monotonic() + END + (seconds if self.serving else 0)
            self.process.terminate()


class Supervisor:
    """Serves by `number` processes until told to stop.

    SIGTERM and SIGINT end them, and a second one at once. SIGHUP replaces them one by one, each
    once its successor serves; at a terminal, which is gone then, it ends them too.
    """

    def __init__(self, number: int, sock: socket.socket, seconds: float) -> None:
        """`seconds`: those that running requests have to finish."""
        self._number = number
        self._sock = sock
        self._seconds = seconds
        self._workers: list[Worker] = []
        self._old: deque[Worker] = deque()  # that are to be replaced
        self._new: Worker | None = None  # the successor of the first of them
        self._next_start = 0.0
        self._stopping = self._failed = False
        self._told: deque[int] = deque()

    def run(self) -> bool:
        """Serve. False: no process serves, and none could be started."""
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sig, lambda number, _: self._told.append(number))
        hang_up = self._stop if sys.stdin is not None and sys.stdin.isatty() else self._replace_all
        while self._workers or not self._stopping:
            while self._told:
                (hang_up if self._told.popleft() == signal.SIGHUP else self._stop)()
            for worker in [*self._workers]:
                if not worker.look():
                    self._workers.remove(worker)
                    self._ended(worker)
            self._replace()
            self._start_missing()
            time.sleep(_TICK)
        return not self._failed

    def _stop(self) -> None:
        if self._stopping:
            for worker in self._workers:
                worker.process.kill()
        self._stopping = True
        for worker in self._workers:
            worker.end(self._seconds)

    def _ended(self, worker: Worker) -> None:
        """A process is gone; if nobody told it to, another takes its place soon."""
        if worker.ending:
            return
        self._next_start = time.monotonic() + RETRY
        status = worker.process.returncode
        _log.error("process ended", pid=worker.process.pid, served=worker.serving, status=status)
        if not worker.serving and not any(one.serving for one in self._workers):
            self._failed = True
            self._stop()

    def _start(self) -> Worker:
        worker = Worker(self._sock)
        self._workers.append(worker)
        return worker

    def _start_missing(self) -> None:
        there = sum(not worker.ending for worker in self._workers)
        if not self._stopping and time.monotonic() >= self._next_start:
            for _ in range(self._number - there):
                self._start()

    def _replace_all(self) -> None:
        if not self._old and not self._stopping:
            self._old.extend(worker for worker in self._workers if not worker.ending)

    def _replace(self) -> None:
        """One step: a successor is started, or serves, or couldn't."""
        if not self._old or self._stopping:
            return
        if self._new is None:
            self._new = self._start()
        elif self._new not in self._workers:
            _log.error("processes not replaced", left=len(self._old))
            self._old.clear()
            self._new = None
        elif self._new.serving:
            self._old.popleft().end(self._seconds)
            self._new = None
