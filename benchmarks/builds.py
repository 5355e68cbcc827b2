"""Builds of Portvakt that are measured: this checkout, and earlier commits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import Size
from benchmarks.seeding import Caller

ROOT = Path(__file__).parent.parent
_LOCK = Path("requirements", "bench.txt")

# Runs in the build that is seeded, by its own modules: its tables are its own.
_SEED = """\
import json, sys
from benchmarks.data import Size
from benchmarks.seeding import seed
url, keys, *size = json.loads(sys.stdin.read())
callers = seed(url, keys, Size(*size), lambda what, rows: None)
print(json.dumps([[caller.customer, caller.headers] for caller in callers]))
"""


@dataclass(frozen=True)
class Build:
    """The sources of one commit, and the Python that has what they need."""

    name: str
    root: Path = ROOT
    python: str = sys.executable

    def environment(self, **given: str) -> dict[str, str]:
        """What its processes are started with: nothing of Portvakt's but what is given."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PORTVAKT_")}
        path = os.pathsep.join((str(self.root / "src"), str(self.root)))
        return {**inherited, "PYTHONPATH": path, **given}

    def seed(self, url: str, keys: str, size: Size) -> list[Caller]:
        """Make its tables in an empty database and fill them; a caller for each customer."""
        done = subprocess.run(
            [self.python, "-c", _SEED],
            input=json.dumps([url, keys, size.answers, size.persons, size.customers]),
            env=self.environment(),
            cwd=self.root,  # which Python looks into first: the build's own `benchmarks`
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return [Caller(*one) for one in json.loads(done.stdout)]


THIS = Build("this")


def build(revision: str) -> Build:
    """The build of a commit, made once and kept in `var/bench/builds/`.

    It gets an environment of its own only where it locks other packages than this checkout.
    Raises `subprocess.CalledProcessError` where git knows no such commit or installing fails.
    """
    commit = _git("rev-parse", "--verify", f"{revision}^{{commit}}")
    root = ROOT / "var" / "bench" / "builds" / commit
    if not root.exists():
        _check_out(commit, root)
    if (root / _LOCK).read_bytes() == (ROOT / _LOCK).read_bytes():
        return Build(commit[:7], root)
    python = root / ".venv-bench" / "bin" / "python"
    if not python.exists():
        subprocess.run([_program("make"), ".venv-bench/.installed"], cwd=root, check=True)
    return Build(commit[:7], root, str(python))


def _check_out(commit: str, root: Path) -> None:
    """Write the commit's files; the folder is there only when all of them are."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        making = Path(folder, commit)
        _git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(making))
        _git("-C", str(making), "checkout", "--quiet", "--detach", commit)
        making.rename(root)


def _git(*arguments: str) -> str:
    done = subprocess.run(
        [_program("git"), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed.")
    return found
