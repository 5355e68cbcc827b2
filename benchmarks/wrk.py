"""wrk as the load generator of closed loops, where it is installed: it takes less of its core."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.load import Result

PROGRAM = shutil.which("wrk")

_SCRIPT = """\
local requests = { %s }
local number = 0
request = function()
  number = number %% #requests + 1
  return requests[number]
end
done = function(summary)
  local bad = summary.errors
  io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    bad.status, bad.connect + bad.read + bad.write + bad.timeout))
end
"""
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+)", re.MULTILINE)


def closed(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Result:
    """As `load.closed`, but without the time of each answer."""
    quoted = ",\n".join(_quoted(request) for request in requests)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "requests.lua")
        script.write_text(_SCRIPT % quoted)
        done = subprocess.run(
            [
                *(str(PROGRAM), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
                *("-s", str(script), f"http://127.0.0.1:{port}"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = _RESULT.search(done.stdout)
    assert found, done.stdout
    answers, microseconds, refused, broken = map(int, found.groups())
    result = Result(answers=answers - refused, failed=refused + broken)
    result.elapsed = microseconds / 1e6
    result.first_failure = "see the server's log" if result.failed else ""
    return result


def _quoted(request: bytes) -> str:
    text = request.decode().replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\r", "\\r").replace("\n", "\\n") + '"'
