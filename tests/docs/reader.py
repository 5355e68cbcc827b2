r"""A reader who does what a page says: runs its blocks in reading order, in one shell.

| block | what is done |
| --- | --- |
| `console` | each command after `$ ` is run, and prints what stands below it |
| `sh` | each command is run, and succeeds; a server is started and awaited |
| `sql` | each statement is run by PostgreSQL's superuser, in the database of the last `\\connect` |
| any, after `<!-- saved as: PATH -->` | is written to the file |
| any, after `<!-- form of: PATH -->` | has the keys that the file's JSON has |
| any, after `<!-- not run: REASON -->` | nothing |

`<!-- typed: TEXT -->` is a line that the commands of a block are given when they ask.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.docs.markdown import Block, agrees, all_blocks, commands, examples
from tests.docs.shell import Done, Shell
from tests.support.postgres import query

LANGUAGES = {"console", "sh", "sql"}
MARKS = {"not run", "saved as", "form of", "typed"}
SERVE = re.compile(r"portvakt serve$")


def is_read(block: Block) -> bool:
    """Whether a reader knows what to do with a block."""
    if block.mark and block.mark not in MARKS:
        return False
    return block.language in LANGUAGES or block.mark in MARKS - {"typed"}


class Reader:
    """Reads one page.

    `instead`: what the page shows and what is true here, such as the address of the database.
    `served`: where a server answers that the page starts.
    """

    def __init__(
        self, shell: Shell, folder: Path, instead: Mapping[str, str], served: str, database: str
    ) -> None:
        self._shell = shell
        self._folder = folder
        self._instead = instead
        self._served = served
        self._database = database

    def read(self, page: str, text: str) -> None:
        """Do what each block says. Raises `AssertionError` where that isn't as stated."""
        for block in all_blocks(text):
            place = f"{page}:{block.line}"
            body = self._here(block.body)
            if block.mark == "not run":
                continue
            if block.mark == "saved as":
                self._save(block.told, body)
            elif block.mark == "form of":
                stored = json.loads((self._folder / block.told).read_text("utf-8"))
                assert has_form(json.loads(body), stored), place
            elif block.language == "sql":
                self._query(body)
            else:
                self._run(block, body, place)

    def _here(self, text: str) -> str:
        for shown, true in self._instead.items():
            text = text.replace(shown, true)
        return text

    def _save(self, name: str, body: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, "utf-8")

    def _query(self, body: str) -> None:
        ended = re.sub(r"^(\\connect \w+)$", r"\1;", body, flags=re.MULTILINE)
        for statement in filter(None, map(str.strip, ended.split(";\n"))):
            word, _, name = statement.partition(" ")
            if word == "\\connect":
                self._database = urlsplit(self._database)._replace(path=f"/{name}").geturl()
            else:
                query(self._database, statement)

    def _run(self, block: Block, body: str, place: str) -> None:
        typed = f"{block.told}\n" * 2 if block.mark == "typed" else ""
        if block.language == "console":
            for command, stated in examples(body):
                done = self._shell.run(command, typed)
                assert agrees(stated, done.printed), f"{place}: {command}\n{_told(done)}"
            return
        for command in commands(body):
            if SERVE.search(command):
                self._shell.start(command)
                _await(self._served, self._shell)
                continue
            done = self._shell.run(command, typed)
            assert done.status == 0, f"{place}: {command}\n{_told(done)}"


def _told(done: Done) -> str:
    return f"ended with {done.status} and printed:\n{done.printed}"


def _await(address: str, shell: Shell) -> None:
    """Wait until a server is ready."""
    for _ in range(1200):
        try:
            httpx.get(f"{address}/health/ready", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(shell.log.read_text("utf-8"))


def has_form(shown: Any, true: Any) -> bool:
    """Whether a JSON value has the keys that another shows, at every depth; `...` is any others."""
    if isinstance(shown, dict):
        named = shown.keys() - {"..."}
        whole = named <= true.keys() if "..." in shown else named == true.keys()
        return whole and all(has_form(shown[key], true[key]) for key in named)
    if isinstance(shown, list) and shown:
        return bool(true) and all(has_form(shown[0], one) for one in true)
    return type(shown) is type(true)
