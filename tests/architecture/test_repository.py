"""What holds for the files of the repository as such."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "portvakt"
LONGEST_MODULE = 400
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "base", "manager", "managers", "misc"}

# Each pattern is written so that it does not match itself.
ADDRESSES = re.compile(
    r"""
      \b (pypi\.org | pythonhosted\.org | npmjs\.(org|com) | yarnpkg\.com | crates\.io) \b
    | \b (deb|security)\.debian\.org \b
    | (?<! [\w.~-] ) / (work|root|home|Users) / [\w.]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def files() -> list[Path]:
    """The files of the repository: those git knows, and new ones it doesn't ignore."""
    git = ["git", "-c", f"safe.directory={ROOT}"]  # the checkout may be another account's
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    """The modules of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    """What is installed comes from where the machine says, and every path is relative."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if ADDRESSES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["--index-url https:||pypi!org|simple", "at |home|me|portvakt", "cd '|work|it'", "|root|.ssh"],
)
def test_such_names_would_be_found(line: str) -> None:
    """The pattern of the test above recognises what it is for."""
    assert ADDRESSES.search(line.replace("|", "/").replace("!", "."))


def requirements(name: str) -> dict[str, list[str]]:
    """A lock file: each pinned package with its options."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return {words[0]: words[1:] for line in lines if (words := line.split())}


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "bench.txt"])
def test_every_locked_package_has_its_hash(name: str) -> None:
    """Nothing is installed that was not there when the versions were chosen."""
    locked = requirements(name)
    assert len(locked) > 1
    for package, options in locked.items():
        assert re.fullmatch(r"[a-z0-9-]+==[^\s]+", package)
        assert any(re.fullmatch("--hash=sha256:[0-9a-f]{64}", option) for option in options)


def test_the_lock_files_agree() -> None:
    """What is tested is what is run: a package has one version."""
    assert set(requirements("runtime.txt")) <= set(requirements("dev.txt"))


def test_every_declared_package_is_locked() -> None:
    """A package added to pyproject.toml is installed only after `make lock`."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = set(declared["project"]["dependencies"])
    dev, bench = (set(declared["dependency-groups"][name]) for name in ("dev", "bench"))
    assert runtime <= {package.partition("==")[0] for package in requirements("runtime.txt")}
    assert runtime | dev <= {package.partition("==")[0] for package in requirements("dev.txt")}
    measured = {package.partition("==")[0] for package in requirements("bench.txt")}
    assert {package.partition("[")[0] for package in runtime | bench} <= measured


def test_the_javascript_lock_has_hashes_and_no_addresses() -> None:
    """The OpenAPI lint is installed by hash, from wherever the machine gets its packages."""
    lock = json.loads((ROOT / "tools/openapi-lint/package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert "integrity" in entry, name
        assert "resolved" not in entry, name


def test_a_wheel_holds_whatever_the_package_needs(tmp_path: Path) -> None:
    """The SQL of the schema's history among it, and all else that isn't a module."""
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    held = {name for name in ZipFile(wheel).namelist() if name.startswith("portvakt/")}
    ours = {path.relative_to(PACKAGE.parent) for path in files() if PACKAGE in path.parents}
    assert held == {path.as_posix() for path in ours}


def test_modules_are_short() -> None:
    """A module is read in one go; one that grows beyond that holds two ideas."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert lengths
    long = {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n >= LONGEST_MODULE}
    assert long == {}


def test_a_docstring_names_its_subject() -> None:
    """A docstring can be read alone: it doesn't begin with "The same" or "Likewise"."""
    begins = re.compile(r'"""(The same|Likewise)\b')
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if begins.search(line)
    ]
    assert found == []


def test_modules_are_named_for_what_they_hold() -> None:
    """A name that fits everything attracts everything."""
    paths = [path.relative_to(PACKAGE) for path in modules()]
    empty = [str(path) for path in paths if EMPTY_NAMES & {*path.parts, path.stem}]
    assert empty == []
    # The model has an application called Common; nothing else is.
    common = [path for path in paths if "common" in {*path.parts, path.stem}]
    assert all(path.parts[:2] == ("resources", "common") for path in common)
