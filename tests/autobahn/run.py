"""Run the Autobahn websocket testsuite against an echo server.

.. code-block:: console

    $ python -m tests.autobahn.run
    $ python -m tests.autobahn.run --cases '1.*' --cases '9.1.*'

Starts the echo server, runs the fuzzing client of the testsuite against it, prints a summary by section, and ends what
it started. The exit code is 0 when every case passed, 1 when one failed or did not run, 2 when the run could not be
made, above all because the machine has no Python 2.7, which the testsuite needs.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import selectors
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["main"]

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = HERE / ".cache"

# The last virtualenv that makes environments for Python 2.7.
VIRTUALENV = "virtualenv==20.15.1"

# 12 and 13 are the deflate sections: many minutes, and nothing to test where deflate is declined.
EXCLUDED = ["12.*", "13.*"]

ACCEPTED = {"OK", "NON-STRICT", "INFORMATIONAL"}

SECTIONS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "closing",
    "9": "limits and performance",
    "10": "miscellaneous",
    "12": "compression",
    "13": "compression, more",
}


class CannotRun(Exception):
    """The run could not be made; says nothing about the server."""


def find_python27(given: str | None = None) -> str:
    """Return the path of a Python 2.7: the one given, one on the path, or one of pyenv's."""
    candidates = [given] if given else ["python2.7", *map(str, pyenv_pythons())]
    for candidate in candidates:
        path = shutil.which(candidate)
        if path is None:
            continue
        # Asked, not believed: pyenv leaves a `python2.7` on the path that runs nothing when 2.7 is not the chosen one.
        probe = subprocess.run(
            [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment(),
        )
        if probe.stdout.strip() == "2.7":
            return path
    raise CannotRun(
        f"{given} is not a Python 2.7."
        if given
        else "no Python 2.7 found, neither `python2.7` on the path nor among pyenv's versions. The Autobahn testsuite "
        "needs one: install it (`pyenv install 2.7.18`) or name it with --python."
    )


def pyenv_pythons() -> Iterator[pathlib.Path]:
    """Yield the 2.7 interpreters below pyenv's root, newest first."""
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return
    root = subprocess.run([pyenv, "root"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout.strip()
    if root:
        yield from sorted(pathlib.Path(root, "versions").glob("2.7*/bin/python2.7"), reverse=True)


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for Python 2.7, without what is meant for the Python that runs this."""
    unwanted = ("PYTHON", "COVERAGE", "VIRTUAL_ENV", "PYENV_VERSION", "__PYVENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **extra}


def install(python: str) -> pathlib.Path:
    """Return the path of `wstest`, installing the testsuite into the cache directory unless it is there."""
    wstest = CACHE / "py27" / "bin" / "wstest"
    finished = CACHE / "installed"
    if finished.exists() and wstest.exists():
        return wstest
    print("Installing the Autobahn testsuite; later runs will find it.", flush=True)
    # The remains of an installation that was cut short.
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    boot = CACHE / "boot27"
    step([python, "-m", "pip", "install", "--target", str(boot), VIRTUALENV])
    step(
        [python, "-m", "virtualenv", "--app-data", str(CACHE / "appdata"), str(CACHE / "py27")],
        PYTHONPATH=str(boot),
    )
    step([str(CACHE / "py27" / "bin" / "pip"), "install", "autobahntestsuite"])
    finished.touch()
    return wstest


def step(command: Sequence[str], **extra: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**extra),
    )
    if done.returncode:
        raise CannotRun(f"installing the testsuite failed at `{shlex.join(command)}`:\n{done.stdout[-4000:]}")


def read_port(server: subprocess.Popen[str], timeout: float = 15.0) -> int:
    """Return the port that the echo server prints as its first line."""
    assert server.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(server.stdout, selectors.EVENT_READ)
        if not selector.select(timeout):
            raise CannotRun(f"the echo server printed no port within {timeout:.0f} s")
    line = server.stdout.readline()
    found = re.search(r"\d+", line)
    if found is None:
        raise CannotRun(f"the echo server printed {line!r} in place of its port")
    return int(found.group())


def fuzz(wstest: pathlib.Path, work: pathlib.Path, port: int, cases: Sequence[str], timeout: float) -> dict[str, Any]:
    """Run the fuzzing client, print how it gets on, and return what it found by case."""
    reports = work / "reports"
    spec = {
        "outdir": str(reports),
        "servers": [{"agent": "echo", "url": f"ws://127.0.0.1:{port}", "options": {"version": 18}}],
        "cases": list(cases) or ["*"],
        # A section asked for by name is not left out.
        "exclude-cases": [] if cases else EXCLUDED,
        "exclude-agent-cases": {},
    }
    path = work / "spec.json"
    path.write_text(json.dumps(spec, indent=2), encoding="utf-8")
    client = subprocess.Popen(
        [str(wstest), "-m", "fuzzingclient", "-s", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
        cwd=work,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    output: list[str] = []
    try:
        announced = follow(client, output, time.monotonic() + timeout)
    finally:
        end(client)
    index = reports / "index.json"
    if client.returncode or not index.exists():
        raise CannotRun("the fuzzing client failed:\n" + "".join(output[-40:]))
    results: dict[str, Any] = json.loads(index.read_text(encoding="utf-8")).get("echo", {})
    if not results or (announced and len(results) != announced):
        raise CannotRun(f"{len(results)} of {announced} cases have a result:\n" + "".join(output[-40:]))
    return results


def follow(client: subprocess.Popen[str], output: list[str], deadline: float) -> int:
    """Print a line per section until the fuzzing client ends; return the number of cases it announced."""
    assert client.stdout is not None
    announced = 0
    section = ""
    done = 0
    # Read as bytes: a line kept in the buffer of a text file would be hidden from the selector.
    descriptor = client.stdout.fileno()
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise CannotRun(f"the time limit was passed in section {section or '0'}, after {done} cases")
            chunk = os.read(descriptor, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in (raw.decode(errors="replace") for raw in lines):
                output.append(line + "\n")
                if found := re.search(r"will run (\d+) test cases", line):
                    announced = int(found.group(1))
                if found := re.search(r"test case (?:ID )?((\d+)\.[\d.]*\d)", line):
                    done += 1
                    if found.group(2) != section:
                        section = found.group(2)
                        name = SECTIONS.get(section, "")
                        print(f"  section {section:>2}  {name} (case {done} of {announced or '?'})", flush=True)
    client.wait(timeout=30)
    return announced


def end(process: subprocess.Popen[str]) -> None:
    """End a process started here, gently if it will."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def summarize(results: dict[str, Any]) -> bool:
    """Print the summary by section and the failures; return whether there were none."""
    sections: dict[str, list[tuple[str, Any]]] = {}
    for case, result in results.items():
        sections.setdefault(case.partition(".")[0], []).append((case, result))
    failures: list[str] = []
    print()
    print(f"{'section':<34}{'cases':>6}{'ok':>6}{'non-strict':>12}{'information':>13}{'failed':>8}")
    for section in sorted(sections, key=int):
        counts = {"OK": 0, "NON-STRICT": 0, "INFORMATIONAL": 0, "failed": 0}
        for case, result in sorted(sections[section], key=lambda item: [int(part) for part in item[0].split(".")]):
            behavior, closing = result["behavior"], result["behaviorClose"]
            if behavior in ACCEPTED and closing in ACCEPTED:
                counts[behavior] += 1
            else:
                counts["failed"] += 1
                failures.append(f"  {case}: {behavior}, close {closing}")
        title = f"{section:>3}  {SECTIONS.get(section, '')}"
        print(
            f"{title:<34}{len(sections[section]):>6}{counts['OK']:>6}{counts['NON-STRICT']:>12}"
            f"{counts['INFORMATIONAL']:>13}{counts['failed']:>8}"
        )
    print()
    if failures:
        print("Failed:", *failures, sep="\n")
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed", flush=True)
    return not failures


def run(arguments: argparse.Namespace) -> bool:
    """Make one run; return whether every case passed."""
    wstest = install(find_python27(arguments.python))
    command = shlex.split(arguments.server) if arguments.server else []
    command = command or [sys.executable, "-m", "tests.autobahn.echo_server", "--port", "0"]
    reports = CACHE / "reports"
    with tempfile.TemporaryDirectory(prefix="autobahn-") as name:
        work = pathlib.Path(name)
        with (work / "server.log").open("w+", encoding="utf-8") as log:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
            )
            try:
                results = fuzz(wstest, work, read_port(server), arguments.cases, arguments.timeout)
                # Alive after the last case, or the cases passed for want of a server.
                if server.poll() is not None:
                    raise CannotRun(f"the echo server ended by itself with exit code {server.returncode}")
            except CannotRun as exc:
                log.seek(0)
                said = log.read()[-4000:].strip()
                raise CannotRun(f"{exc}\nThe echo server wrote:\n{said}" if said else str(exc)) from exc
            finally:
                end(server)
        passed = summarize(results)
        shutil.rmtree(reports, ignore_errors=True)
        shutil.copytree(work / "reports", reports)
    if not passed:
        print(f"A page per case is in {reports.relative_to(ROOT)}.", flush=True)
    return passed


def main(argv: Sequence[str] | None = None) -> int:
    """Run the testsuite as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.autobahn.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--python", metavar="PATH", help="the Python 2.7 to use")
    parser.add_argument("--server", metavar="COMMAND", help="an echo server that prints its port, in place of ours")
    parser.add_argument("--cases", metavar="PATTERN", action="append", default=[], help="cases to run, as '9.*'")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=300.0, help="time limit of the fuzzing")
    try:
        return 0 if run(parser.parse_args(argv)) else 1
    except CannotRun as exc:
        print(f"autobahn: {exc}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
