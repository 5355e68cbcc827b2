"""Refusals of large bodies, and streams, through real proxies with their usual settings."""

from __future__ import annotations

import http.client
import io
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import cast

from tests.support.servers import free_port, sandbox

ROUNDS = 5
BODY = b" " * (8 * 1024 * 1024)
LIST = "/integrations/answeredintegrationpersonalinformationaccess/list/"

NGINX = """daemon off; user root; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
server {{ listen 127.0.0.1:{port}; client_max_body_size 64m;
location / {{ proxy_pass http://127.0.0.1:{behind}; {more} }} }} }}
"""
APACHE = """ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ProxyPass / http://127.0.0.1:{behind}/ {more}
"""
PROXIES = {
    "nginx as it comes": (NGINX, ""),
    "nginx, HTTP/1.1": (NGINX, "proxy_http_version 1.1;"),
    "nginx, HTTP/1.1, unbuffered": (NGINX, "proxy_http_version 1.1; proxy_request_buffering off;"),
    "Apache as it comes": (APACHE, ""),
    "Apache, a connection each": (APACHE, "disablereuse=On"),
}


@contextmanager
def proxy(form: str, more: str, behind: int) -> Iterator[int]:
    """The port of a running proxy."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "conf"
        file.write_text(form.format(folder=folder, port=port, behind=behind, more=more))
        command = ["nginx", "-p", folder, "-c"] if form is NGINX else ["apache2", "-X", "-f"]
        process = subprocess.Popen([*command, file])
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def ask(port: int, head: str, body: bytes, *, expect: bool) -> tuple[int, bytes]:
    """The status and the body of an answer; with `expect`, 100 is waited for, but not for long."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head.encode())
        received = b""
        if expect:
            connection.settimeout(1)
            with suppress(TimeoutError):
                received = connection.recv(65536)
            connection.settimeout(60)
        if received.startswith(b"HTTP/1.1 100"):
            received = received.partition(b"\r\n\r\n")[2]  # the answer may have come with it
        if not received:
            with suppress(ConnectionError):  # who answers early may read no more of it
                connection.sendall(body)
        with suppress(ConnectionError):
            while chunk := connection.recv(65536):
                received += chunk
    return parsed(received) if received else (0, b"")


class Received:
    """What came over a closed connection, for `http.client` to read as it reads a socket."""

    def __init__(self, received: bytes) -> None:
        """Hold what was received."""
        self._received = received

    def makefile(self, _mode: str) -> io.BytesIO:
        """Give it to read from its beginning."""
        return io.BytesIO(self._received)


def parsed(received: bytes) -> tuple[int, bytes]:
    """The status and the body, without the marks of the chunks it came in (RFC 9112, 7.1)."""
    answer = http.client.HTTPResponse(cast("socket.socket", Received(received)))
    answer.begin()
    return answer.status, answer.read()


def wrong(port: int, headers: dict[str, str]) -> Iterator[str]:
    """What doesn't arrive as it should."""
    common = "Host: localhost\r\nConnection: close\r\n"
    for expected, secret in ((401, "pvk_nobody"), (413, headers["X-PIGELLO-CLIENT-SECRET"])):
        sent = {**headers, "X-PIGELLO-CLIENT-SECRET": secret, "Content-Type": "application/json"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        for expect in (False, True):
            more = "Expect: 100-continue\r\n" if expect else ""
            head = (
                f"POST {LIST} HTTP/1.1\r\n{common}{lines}{more}Content-Length: {len(BODY)}\r\n\r\n"
            )
            found = [ask(port, head, BODY, expect=expect)[0] for _ in range(ROUNDS)]
            if found != [expected] * ROUNDS:
                yield f"{found} instead of {expected}, expect={expect}"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for version in ("1.0", "1.1"):
        head = f"GET {LIST}?_jsonl=true&_end=true HTTP/{version}\r\n{common}{lines}\r\n"
        status, body = ask(port, head, b"", expect=False)
        told = [json.loads(line) for line in body.splitlines() if line.startswith(b'{"_end"')]
        if (status, told) != (200, [{"_end": {"count": body.count(b'"custom_id"')}}]):
            yield f"no end by HTTP/{version}: {status} {told}"


def main() -> int:
    """Try each proxy; the number of those through which something went wrong."""
    failed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = f"sqlite:///{folder / 'portvakt.db'}"
        server = stack.enter_context(sandbox(folder, database, max_body_bytes=65_536))
        behind = int(server.base_url.rpartition(":")[2])
        for name, (form, more) in PROXIES.items():
            with proxy(form, more, behind) as port:
                found = list(wrong(port, server.customers[0].headers))
            failed += bool(found)
            sys.stdout.write(f"{name}: {'; '.join(found) or 'right'}\n")
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
