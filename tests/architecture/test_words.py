"""Words mean one thing: what SQL calls its statements, say, names nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

import pytest

from tests.architecture.sources import ARCHITECTURE, names, trees, unreleased

OPERATIONS = {
    "operations/writing/write.py": {"update", "update_change", "delete"},
    "api/handlers.py": {"update", "delete"},
    "api/documents/schemas.py": {"_update"},
    "cli/items.py": {"update", "delete"},
    "cli/applications.py": {"update_application"},
}
"""What does, answers or describes the operations Update and Delete, and is named for them."""

STATEMENT = re.compile(r"_?(select|insert|update|delete)(_|$)")


def functions(tree: ast.AST) -> Iterator[str]:
    """The names of all functions and methods."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_statements_are_named_in_storage_alone() -> None:
    """Elsewhere `update` and `delete` are the operations of these names."""
    found = {
        path: named
        for path, tree in trees().items()
        if not path.startswith("storage/")
        if (named := {name for name in functions(tree) if STATEMENT.match(name)})
    }
    assert found == OPERATIONS


# --- names that many know -------------------------------------------------------------------------

_LISTED = """
about accessible add address administrator after all allowed among ancestors answered anything as
at authenticator batches body boolean bulk by canonical cause change changed clear clock code
column comparison conditions configure conflict connection consent content context convert cors
create created custom database date decide decided declaration declared decode default delete
deleted dialect digest disclose display documents due end error ever evident exactly export
expression failure fetch fill fixed flag fold folder following for form formats generic
generically get given group hash header history holder id idempotent if in index int integer
integration integrity invalid is issue json keep kept key keyset kind known least limit list
listing live load lock log look mailbox main make map mapping match matches max measures merge
missing name named nearest new no note nullable number object of offset once one open operand
order organization origin outdated own page parameter parse parts password place platform portvakt
preconditions prefix prepare proper proxies read reader receipt referred refers refuse refused
registry remove render repeated replayed replica request require response result revoke rewrite
rights rotate run same schema sealed segments select set settings shared shown signer slices
snapshot split state statistics step store stored stream such t table take terms text then time to
together token trace transact transaction trigram type unauthorized unavailable unique up update
url usual uuid value verify violation withdraw write written yield
"""
FIELD_WORDS = frozenset(_LISTED.split())
"""The words of the field, of Python and of everybody, in which shared names may be made too."""

ROOMS = 3
"""A name that is known in as many rooms is everybody's: its words are explained or the field's."""


def rooms_of(path: str) -> str:
    """The folder that a module is in; a module at the top is one of its own."""
    return path.rpartition("/")[0] or path


def defined(tree: ast.Module) -> Iterator[str]:
    """The public names that a module defines."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def imported(tree: ast.Module) -> Iterator[str]:
    """The names that a module takes from others, by themselves or as attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr


def shared_names() -> set[str]:
    """The public names of modules that are known in so many rooms."""
    rooms: dict[str, set[str]] = {}
    for path, tree in unreleased().items():
        for name in defined(tree):
            rooms.setdefault(name, set()).add(rooms_of(path))
    for path, tree in unreleased().items():
        for name in imported(tree):
            if name in rooms:
                rooms[name].add(rooms_of(path))
    return {name for name, of in rooms.items() if not name.startswith("_") and len(of) >= ROOMS}


def words(name: str) -> Iterator[str]:
    """The words of a name, in small letters."""
    yield from (word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name))


def explained() -> set[str]:
    """The words that ARCHITECTURE explains."""
    _, _, section = ARCHITECTURE.partition("\n## Words\n")
    rows = re.findall(r"^\| ([^|]+) \|", section.partition("\n## ")[0], re.MULTILINE)
    return {word for row in rows[2:] for word in re.findall(r"[a-z]+", row)}


def is_known(word: str, known: Collection[str]) -> bool:
    """Whether it is one of these, or the plural or a form of one."""
    return any(form in known for form in (word, word.removesuffix("s"), word.removesuffix("es")))


def test_names_that_many_know_are_of_known_words() -> None:
    """A word of our own is explained in ARCHITECTURE; one of the field's stands in FIELD_WORDS."""
    known = explained() | FIELD_WORDS
    strange = {
        name: [word for word in words(name) if not is_known(word, known)] for name in shared_names()
    }
    assert {name: found for name, found in strange.items() if found} == {}


@pytest.mark.parametrize("name", ["Gate", "is_proven", "SIGHT", "AskerRows"])
def test_a_strange_word_would_be_found(name: str) -> None:
    """In a name of any form."""
    known = explained() | FIELD_WORDS
    assert not all(is_known(word, known) for word in words(name))


def test_no_word_of_our_own_counts_as_the_fields() -> None:
    """Else nobody would notice that a row of the list is gone."""
    assert explained() & FIELD_WORDS == set()


def test_each_explained_word_is_used() -> None:
    """What nothing is named by any more needs no explanation."""
    used = {word for tree in trees().values() for name in names(tree) for word in words(name)}
    assert {word for word in explained() if not is_known(word, used)} == set()
