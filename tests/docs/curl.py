"""A `curl` for the documents' examples, so that they run alike whether curl is installed or not.

It knows the options that the documents use, as curl does, and refuses all others, so that none is
passed over in silence. `.ci/run` runs the same examples with the real one.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

FLAGS = {"-s": "silent", "-i": "include"}
VALUES = {
    "-H": "header",
    "-d": "data",
    "-X": "request",
    "-o": "output",
    "-w": "write_out",
    "-D": "dump_header",
}
GLOBBED = frozenset('[]{} "')
"""What curl reads as a pattern in an address, or refuses."""


def main(words: list[str]) -> int:
    """Send the request that the words ask for, and print the answer. Gives curl's exit status."""
    given, address = _read(words)
    target = urlsplit(address)
    if GLOBBED & set(address) or target.scheme != "http":
        _refuse(f"the address {address!r}")
    body = "".join(given.get("data", [])).encode()
    headers = [line for value in given.get("header", []) for line in _header_lines(value)]
    named = {name.lower() for name, _ in headers}
    defaults = [("User-Agent", "curl/0"), ("Accept", "*/*")]
    if body:
        defaults.append(("Content-Type", "application/x-www-form-urlencoded"))
        headers.append(("Content-Length", str(len(body))))
    headers += [(name, value) for name, value in defaults if name.lower() not in named]
    connection = HTTPConnection(target.netloc, timeout=30)
    method = given.get("request", ["POST" if body else "GET"])[-1]
    path = target.path + (f"?{target.query}" if target.query else "")
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value.encode())
    connection.endheaders(body or None)
    with connection.getresponse() as response:
        _print(response, given)
    connection.close()
    return 0


def _read(words: list[str]) -> tuple[dict[str, list[str]], str]:
    """The options by name, and the address."""
    given: dict[str, list[str]] = {}
    addresses = []
    rest = iter(words)
    for word in rest:
        if word in FLAGS:
            given[FLAGS[word]] = []
        elif word in VALUES:
            given.setdefault(VALUES[word], []).append(next(rest))
        elif word.startswith("-"):
            _refuse(f"the option {word}")
        else:
            addresses.append(word)
    if len(addresses) != 1:
        _refuse(f"{len(addresses)} addresses")
    return given, addresses[0]


def _header_lines(value: str) -> list[tuple[str, str]]:
    """A header, or those in the file after `@`."""
    lines = Path(value[1:]).read_text("utf-8").splitlines() if value[:1] == "@" else [value]
    parts = [line.partition(":") for line in lines if line]
    return [(name, text.strip()) for name, _, text in parts]


def _print(response: HTTPResponse, given: dict[str, list[str]]) -> None:
    """Write the answer where it was asked for, and what was asked of it."""
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in response.getheaders()]
    head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")
    if "dump_header" in given:
        _write(given["dump_header"][-1], head)
    body = response.read()
    _write(given.get("output", ["-"])[-1], head + body if "include" in given else body)
    for asked in given.get("write_out", []):
        told = asked.replace("%{http_code}", str(response.status)).replace("\\n", "\n")
        if "%{" in told:
            _refuse(f"-w {asked!r}")
        sys.stdout.buffer.write(told.encode())


def _write(name: str, what: bytes) -> None:
    """Write to a file, or where `-` is named to standard output."""
    if name == "-":
        sys.stdout.buffer.write(what)
    else:
        Path(name).write_bytes(what)


def _refuse(what: str) -> NoReturn:
    sys.exit(f"The documents' curl doesn't know {what}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
