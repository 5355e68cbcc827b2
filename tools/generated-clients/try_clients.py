"""Makes clients of a running sandbox's documents, and makes three calls with each; prints a table.

    tools/generated-clients/run              all clients
    tools/generated-clients/run php go       some of them

A client is generated from `?profile=client`, compiled as strictly as its language has it, and asked
to list three answers, to list those that are not a yes (`not__answer`), and to create one. What it
told is compared with what the server answers itself. Where a language's compiler is not on the
machine, the table says so, and its client is only generated.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
MADE = HERE / "made"
CALLS = HERE / "calls"
BIN = HERE / "node_modules" / ".bin"
GENERATORS = HERE / ".venv" / "bin"
ROOT = HERE.parents[1]
ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
LONGEST = 300
"""Seconds that any one command may take."""


class Failed(Exception):
    """A step of a client that went wrong; the message is the end of what it printed."""


def run(*command: str | Path, cwd: Path = HERE, **environment: str) -> str:
    """What a command prints. Raises `Failed`."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Failed(" / ".join(said[-4:])[-400:])
    return done.stdout


# --- the clients ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Client:
    """One client: how it is generated from a document, compiled, and called.

    `needs`: the programs without which it can't be compiled or called; `compiled`: how strictly.
    """

    name: str
    generate: Callable[[Path, Path], Any]
    compiled: str
    compile: Callable[[Path], Any]
    call: Callable[[Path], str] | None = None
    needs: tuple[str, ...] = ()


def by_openapi_generator(generator: str, *more: str) -> Callable[[Path, Path], str]:
    """What generates with this generator of openapi-generator."""

    def generate(document: Path, made: Path) -> str:
        (jar,) = GENERATORS.parent.glob("lib/*/site-packages/**/openapi-generator*.jar")
        source = ("-i", document, "-o", made, "-g", generator)
        return run("java", "-Xmx1g", "-jar", jar, "generate", *source, *more)

    return generate


def type_checked(made: Path) -> None:
    """`tsc --strict`, of the client with the calls. Raises `Failed`."""
    config = HERE / f"tsconfig.{made.name}.json"
    config.write_text(
        json.dumps({"extends": "./tsconfig.json", "files": [f"calls/{made.name}.ts"]})
    )
    try:
        run(BIN / "tsc", "-p", config)
    finally:
        config.unlink()


def by_tsx(name: str) -> Callable[[Path], str]:
    """What makes the calls of this name in Node.js."""
    return lambda asked: run(BIN / "tsx", CALLS / f"{name}.ts", asked)


def by_python(name: str, python: Path = GENERATORS / "python") -> Callable[[Path], str]:
    """What makes the calls of this name in Python."""
    return lambda asked: run(python, CALLS / f"{name}.py", asked, NO_PROXY="*")


def openapi_python_client(document: Path, made: Path) -> str:
    """Generate by openapi-python-client; a warning is a fault."""
    package = MADE / "openapi_python_client_made"
    shutil.rmtree(package, ignore_errors=True)
    made.mkdir()
    config = made / "config.yaml"
    lines = "content_type_overrides: {application/x-ndjson: text/plain}\n"
    config.write_text(f"post_hooks: []\n{lines}")
    command = (GENERATORS / "openapi-python-client", "generate", "--fail-on-warning")
    where = ("--meta", "none", "--output-path", package, "--config", config)
    return run(*command, "--path", document, *where)


def orval(document: Path, made: Path) -> str:
    """Generate by orval."""
    config = HERE / "orval.config.mjs"
    output = {"target": str(made / "core.ts"), "client": "fetch", "mode": "single"}
    wanted = json.dumps({"core": {"input": str(document), "output": output}})
    config.write_text(f"export default {wanted};\n")
    try:
        return run(BIN / "orval", "--config", config)
    finally:
        config.unlink()


def go_module(asked: Path) -> str:
    """The calls in a module of their own, beside the client's."""
    place = MADE / "go-calls"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shutil.copy(CALLS / "go.go", place / "main.go")
    lines = ["module calls", "go 1.19", "require made v0.0.0", "replace made => ../go"]
    (place / "go.mod").write_text("\n\n".join(lines) + "\n")
    return run("go", "run", ".", asked, cwd=place, GOFLAGS="-mod=mod", GOPROXY="off")


def go_vetted(made: Path) -> None:
    """`go vet` of the client, without its tests, which want another module."""
    shutil.rmtree(made / "test", ignore_errors=True)
    module = made / "go.mod"
    module.write_text("module made\n\ngo 1.19\n")
    run("go", "vet", "./...", cwd=made, GOFLAGS="-mod=mod", GOPROXY="off")


def php_linted(made: Path) -> None:
    """`php -l` of each file."""
    for path in sorted(made.glob("lib/**/*.php")):
        run("php", "-l", path)


TSC = "tsc --strict"
CLIENTS = (
    Client(
        "openapi-python-client",
        openapi_python_client,
        "mypy --strict",
        lambda _: run(ROOT / ".venv/bin/mypy", "--strict", MADE / "openapi_python_client_made"),
        by_python("openapi-python-client"),
    ),
    Client(
        "python",
        by_openapi_generator("python"),
        "compileall",
        lambda made: run(sys.executable, "-m", "compileall", "-q", made / "openapi_client"),
        by_python("python"),
        ("java",),
    ),
    Client(
        "typescript-fetch",
        by_openapi_generator("typescript-fetch"),
        TSC,
        type_checked,
        by_tsx("typescript-fetch"),
        ("java",),
    ),
    Client(
        "openapi-fetch",
        lambda document, made: run(BIN / "openapi-typescript", document, "-o", made / "types.ts"),
        TSC,
        type_checked,
        by_tsx("openapi-fetch"),
    ),
    Client(
        "hey-api",
        lambda document, made: run(
            BIN / "openapi-ts", "-i", document, "-o", made, "-c", "@hey-api/client-fetch"
        ),
        TSC,
        type_checked,
        by_tsx("hey-api"),
    ),
    Client("orval", orval, TSC, type_checked, by_tsx("orval")),
    Client(
        "swagger-typescript-api",
        lambda document, made: run(
            *(BIN / "swagger-typescript-api", "generate", "-p", document, "-o", made),
            *("-n", "core.ts"),
        ),
        TSC,
        type_checked,
        by_tsx("swagger-typescript-api"),
    ),
    Client(
        "go",
        by_openapi_generator("go", "--additional-properties=packageName=portvakt"),
        "go vet",
        go_vetted,
        go_module,
        ("java", "go"),
    ),
    Client(
        "php",
        by_openapi_generator("php", "--additional-properties=invokerPackage=Portvakt"),
        "php -l",
        php_linted,
        lambda asked: run("php", "-d", "error_reporting=8191", CALLS / "php.php", asked),
        ("java", "php"),
    ),
    Client(
        "java",
        by_openapi_generator("java", "--library", "native"),
        "parsed by javac",
        lambda made: run("java", HERE / "Parse.java", made / "src" / "main"),
        None,
        ("java", "javac"),
    ),
    Client("csharp", by_openapi_generator("csharp"), "", lambda _: None, None, ("java", "dotnet")),
    Client("kotlin", by_openapi_generator("kotlin"), "", lambda _: None, None, ("java", "kotlinc")),
)


# --- trying them ----------------------------------------------------------------------------------


@dataclass
class Tried:
    """What became of a client: each column of the table."""

    name: str
    generated: str = ""
    compiled: str = ""
    calls: str = ""
    failed: bool = False


def missing(client: Client) -> list[str]:
    """The programs that the machine lacks."""
    return [program for program in client.needs if shutil.which(program) is None]


def attempt(client: Client, document: Path, asked: Path) -> Tried:
    """Generate, compile and call one client."""
    tried = Tried(client.name)
    lacking = missing(client)
    if "java" in lacking:
        tried.generated = "not tried: no java"
        return tried
    made = MADE / client.name
    shutil.rmtree(made, ignore_errors=True)
    began = time.monotonic()
    try:
        client.generate(document, made)
        tried.generated = f"ok, {time.monotonic() - began:.0f} s"
        if lacking:
            tried.compiled = f"not tried: no {', '.join(lacking)}"
            return tried
        client.compile(made)
        tried.compiled = f"ok ({client.compiled})"
        tried.calls = (
            checked(client.call(asked), asked) if client.call else "not tried: no libraries"
        )
    except (Failed, OSError, ValueError, AssertionError, subprocess.TimeoutExpired) as error:
        tried.failed = True
        tried.calls = f"FAILED: {error}"
    return tried


def checked(printed: str, asked: Path) -> str:
    """Whether what a client told is what the server answers. Raises `Failed`."""
    told = json.loads(printed.strip().splitlines()[-1])
    given = json.loads(asked.read_text())
    with httpx.Client(
        base_url=given["base_url"], headers=given["headers"], trust_env=False
    ) as client:
        first = client.get(f"{ANSWERS}list/", params={"_limit": 3}).json()
        not_yes = client.get(f"{ANSWERS}list/?answer!=true").json()
        created = client.get(f"{ANSWERS}{told['created']}/")
        client.delete(f"{ANSWERS}{told['created']}/")
    if told["listed"] != [item["id"] for item in first]:
        raise Failed(f"The list is another one: {told['listed']}.")
    if told["negated"] != [False] * (len(not_yes) - 1):  # the new one came later
        raise Failed(f"{len(told['negated'])} items are not a yes, of {len(not_yes) - 1}.")
    if created.status_code != httpx.codes.OK:
        raise Failed("What was created is not there.")
    return "3 of 3 (list, not__answer, create)"


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, Any]]:
    """A running sandbox; what its credentials file tells."""
    credentials = folder / "credentials.json"
    command = [sys.executable, "-m", "portvakt", "sandbox", "--port", "0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--credentials", str(credentials)], cwd=folder, stdout=log, stderr=log
        )
    try:
        yield _told(process, credentials)
    finally:
        process.terminate()
        process.wait(60)


def _told(process: subprocess.Popen[bytes], credentials: Path) -> dict[str, Any]:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            told: dict[str, Any] = json.loads(credentials.read_text())
            httpx.get(f"{told['base_url']}/health/live", trust_env=False)
        except (OSError, ValueError, httpx.TransportError):
            time.sleep(0.2)
        else:
            return told
    raise SystemExit("The sandbox did not start.")


def main(names: list[str]) -> int:
    """Try the named clients, or all; the exit status."""
    unknown = {*names} - {client.name for client in CLIENTS}
    if unknown:
        known = ", ".join(client.name for client in CLIENTS)
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}. Known: {known}.")
    MADE.mkdir(exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as name, sandbox(Path(name)) as told:
        customer = told["customers"][0]
        asked, document = Path(name) / "asked.json", Path(name) / "integrations.json"
        given = {"base_url": told["base_url"], "headers": customer["headers"]}
        ids = {kind: customer["ids"][kind][0] for kind in ("integration", "tenant")}
        asked.write_text(json.dumps(given | ids))
        path = f"{told['base_url']}/openapi/integrations.json?profile=client"
        document.write_bytes(httpx.get(path, trust_env=False).content)
        print(f"{'client':24}{'generated':16}{'compiled':24}calls", flush=True)
        for client in CLIENTS:
            if not names or client.name in names:
                one = attempt(client, document, asked)
                print(f"{one.name:24}{one.generated:16}{one.compiled:24}{one.calls}", flush=True)
                failed = failed or one.failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
