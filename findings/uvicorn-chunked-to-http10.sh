#!/usr/bin/env bash
# uvicorn sends a chunked body to a client that speaks HTTP/1.0.
#
# Package:   uvicorn 0.54.0 with httptools 0.9.0 (what uvicorn[standard] installs), h11 0.16.0 (PyPI).
# Done:      An application streams a body of two parts without Content-Length, as any export does.
#            A client asks for it by GET / HTTP/1.0.
# Expected:  The body as it is, ended by closing the connection. RFC 9112, 6.1: a server must not
#            send Transfer-Encoding unless the request says HTTP/1.1 or later.
# Seen:      "transfer-encoding: chunked" and the sizes of the chunks between the parts; to a client
#            of HTTP/1.0 they are part of the body, so a downloaded file is damaged, with status 200.
#            uvicorn's other implementation, --http h11, answers the same request rightly.
# Needs:     Python 3.11 or newer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install -qq --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0

cat >check.py <<'PYTHON'
import socket
import threading
import time

import uvicorn


async def export(scope, receive, send):
    headers = [(b"content-type", b"application/x-ndjson")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"id":1}\n', "more_body": True})
    await send({"type": "http.response.body", "body": b'{"id":2}\n'})


def answer(implementation: str) -> tuple[bytes, bytes]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(export, http=implementation, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    for _ in range(600):
        if server.started:
            break
        time.sleep(0.05)
    with socket.create_connection(listener.getsockname(), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))
    server.should_exit = True
    thread.join(30)
    head, _, body = received.partition(b"\r\n\r\n")
    return head.lower(), body


for implementation in ("httptools", "h11"):
    head, body = answer(implementation)
    print(f"{implementation:10} chunked: {b'transfer-encoding' in head}, body: {body!r}")
    if implementation == "httptools":
        assert b"transfer-encoding: chunked" in head and body.startswith(b"9\r\n")
    else:
        assert b"transfer-encoding" not in head and body == b'{"id":1}\n{"id":2}\n'
PYTHON
tools/bin/python check.py
