"""One server process: what `serve` runs alone, and what the supervisor starts several of."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

from portvakt.server.http_protocol import BoundedProtocol
from portvakt.settings import Settings, read_settings

BEAT = 1
"""Seconds between two signs of life to the supervisor."""


class Server(uvicorn.Server):
    """uvicorn's, which ends at once when it is told to before it serves: nothing has begun yet."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to end."""
        if not self.started:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        super().handle_exit(sig, frame)


def config(settings: Settings, beat: Callable[[], Awaitable[None]] | None = None) -> uvicorn.Config:
    """How uvicorn serves; `beat` is called each second, from when requests are served."""
    return uvicorn.Config(
        "portvakt.app:from_environment",
        factory=True,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `access.addresses` reads them, and knows whom to believe
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        callback_notify=beat,
        timeout_notify=BEAT,
    )


def main() -> None:
    """Serve for a supervisor: on the socket and with the pipe whose numbers are the arguments.

    Ends when it is told to, and when there is no supervisor any more.
    """
    listening, pipe = map(int, sys.argv[1:])
    signal.signal(
        signal.SIGHUP, signal.SIG_IGN
    )  # it is for the supervisor, a whole group may get it
    os.set_blocking(pipe, False)

    async def beat() -> None:
        try:
            os.write(pipe, b".")
        except BlockingIOError:
            pass
        except BrokenPipeError:
            server.should_exit = True

    server = Server(config(read_settings(), beat))
    server.run(sockets=[socket.socket(fileno=listening)])
    sys.exit(not server.started)


if __name__ == "__main__":
    main()
