"""The shell of a reader who pastes a page's commands one after the other.

Nothing is on its path but what the README names, what every Debian has, and Portvakt's own
environment: a page that needs more doesn't run.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.docs import curl

MARK = "~done~"
PATIENCE = 120.0

EVERYWHERE = "bash cat cp cut dirname env grep head mkdir rm sed sh sort tail tee tr uname wc"
"""The programs of Debian's essential packages that a page may use."""

REAL_CURL = "PORTVAKT_TEST_CURL"
"""`installed`: the examples use this machine's curl, and not the tests' own."""


class Done(NamedTuple):
    """What a command printed, and its exit status."""

    printed: str
    status: int


class Shell:
    """One bash; what a command assigns, exports and writes is there for the next.

    Used as a context; at its end everything that was started in it is ended.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self.log = folder / ".log"
        self._environment = {
            "HOME": str(folder),
            "PATH": str(_programs(folder / ".path")),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            **settings,
        }

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [str(shutil.which("bash")), "--noprofile", "--norc"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.communicate()

    def run(self, command: str, typed: str = "") -> Done:
        """Run a command, with `typed` on its standard input."""
        answers = self._folder / ".typed"
        answers.write_text(typed, "utf-8")
        return self._ask(f"{{ {command}\n}} <'{answers}' 2>&1")

    def start(self, command: str) -> None:
        """Run a command that goes on; what it prints goes to `log`."""
        self._ask(f"{{ {command}\n}} </dev/null >'{self.log}' 2>&1 &")

    def _ask(self, script: str) -> Done:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{script}\nprintf '{MARK} %s\\n' $?\n".encode())
        self._process.stdin.flush()
        text = self._read()
        printed, _, status = text.rpartition(MARK)
        return Done(printed, int(status))

    def _read(self) -> str:
        """What is printed until the mark."""
        assert self._process.stdout is not None
        text = b""
        end = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not re.search(rb"%s \d+\n\Z" % MARK.encode(), text):
                assert selector.select(end - time.monotonic()), f"still running:\n{text.decode()}"
                part = os.read(self._process.stdout.fileno(), 65536)
                assert part, f"the shell ended:\n{text.decode()}"
                text += part
        return text.decode()


def _programs(folder: Path) -> Path:
    """A folder of the programs that a page may call by their names."""
    folder.mkdir()
    for name in EVERYWHERE.split():
        (folder / name).symlink_to(str(shutil.which(name)))
    ours = Path(sys.executable).parent
    (folder / "portvakt").symlink_to(ours / "portvakt")
    if os.environ.get(REAL_CURL) == "installed":
        (folder / "curl").symlink_to(str(shutil.which("curl")))
    else:
        script = f'#!/bin/sh\nexec "{sys.executable}" -IS "{Path(curl.__file__)}" "$@"\n'
        (folder / "curl").write_text(script, "utf-8")
        (folder / "curl").chmod(0o755)
    return folder
