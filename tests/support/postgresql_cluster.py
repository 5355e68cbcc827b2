"""A PostgreSQL that a test may stop and start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support import postgres

_WAIT_SECONDS = 30
NOTHING: Mapping[str, str] = {}


class Cluster:
    """A PostgreSQL of its own in a temporary folder, on a free port of 127.0.0.1.

    `of`: another one, stopped, whose standby this becomes. `settings` are added to the usual ones.
    """

    port: int

    def __init__(self, settings: Mapping[str, str] = NOTHING, of: Cluster | None = None) -> None:
        wish = os.environ.get(postgres.VARIABLE, "")
        programs = postgres.programs("" if "://" in wish else wish)
        self.folder = Path(
            tempfile.mkdtemp(prefix="portvakt-postgresql-", dir=postgres.open_folder())
        )
        if of is not None:
            shutil.copytree(of._data, self._data)
            (self.folder / "data" / "standby.signal").touch()
            source = f"host=127.0.0.1 port={of.port} user={postgres.SUPERUSER}"
            settings = {**settings, "primary_conninfo": source}
        self._settings = settings
        self._programs = postgres.within_reach(programs, self.folder)
        self.port = postgres.free_port()
        self.url = f"postgresql://{postgres.SUPERUSER}@127.0.0.1:{self.port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None
        options = ("-U", postgres.SUPERUSER, "-A", "trust", "-N", "-E", "UTF8", "--locale", "C")
        if of is None:
            self._begin("initdb", "-D", self._data, *options).wait()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {**postgres.OPTIONS, "port": str(self.port), **self._settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._server = self._begin("postgres", "-D", self._data, *options)
        end = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                self.sql("SELECT 1")
            except Exception:
                assert time.monotonic() < end, self.log()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop it at once, as in a restart by an administrator."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()
            self._server = None

    def log(self) -> str:
        """What it has written to its log until now."""
        return (self.folder / "log").read_text()

    def sql(self, text: str) -> None:
        """Run statements, with semicolons between them, from outside."""
        for statement in filter(str.strip, text.split(";")):
            postgres.query(self.url, statement)

    def remove(self) -> None:
        """Stop it if it runs, and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self._programs / program), *arguments],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                **postgres.account(),
            )
