"""Build the sdist and the wheel, and check what they hold.

.. code-block:: console

    $ python -m tests.check_packaging

Fails when the build warns of anything deprecated, when a file is missing from an archive or does not belong there, and
when the wheel does not install and import by itself.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterator, Sequence

__all__ = ["main"]

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = "jambonz_sync"

# What only the sdist holds.
SOURCE_ONLY = ("benchmarks", "docs", "examples", "tests", "tools")

# Made by tools, and in no archive.
MADE = {
    "__pycache__",
    ".cache",
    "node_modules",
    ".node_modules.lock",
    ".hypothesis",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}


def files(*folders: str) -> Iterator[str]:
    """Yield the files below these folders of the checkout, as paths relative to it."""
    for folder in folders:
        for path in sorted(ROOT.joinpath(folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and not MADE.intersection(relative.parts) and not path.name.startswith("."):
                yield relative.as_posix()


def run(command: Sequence[str], cwd: pathlib.Path) -> str:
    """Run a command and return its output; print it and exit if it fails."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # Shown, where Python would be silent; not raised, since the tools' own are no concern of ours.
    environment["PYTHONWARNINGS"] = "default"
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout)
        sys.exit(f"{' '.join(command)} failed with exit code {done.returncode}")
    return done.stdout


def check_log(log: str) -> Iterator[str]:
    """Yield a complaint for every deprecation that the build warned of."""
    for line in log.splitlines():
        if re.search(r"\w*Deprecat\w*Warning|deprecated", line):
            yield f"the build warns: {line.strip()}"


def check_wheel(names: set[str]) -> Iterator[str]:
    """Yield a complaint for every file that is missing from the wheel or does not belong there."""
    for name in files(PACKAGE):
        if name not in names:
            yield f"the wheel lacks {name}"
    for needed in ("py.typed", "simulator/verb_specifications.json", "cli/scenarios/echo/app.py.template"):
        if f"{PACKAGE}/{needed}" not in names:
            yield f"the wheel lacks {needed}"
    if not any(re.fullmatch(r"[\w.-]+\.dist-info/licenses/LICENSE", name) for name in names):
        yield "the wheel lacks LICENSE"
    for name in sorted(names):
        if not re.match(rf"{PACKAGE}(/|-[\w.]+\.dist-info/)", name):
            yield f"the wheel holds {name}"


def check_sdist(names: set[str]) -> Iterator[str]:
    """Yield a complaint for every file that is missing from the sdist or does not belong there."""
    texts = ("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "llms.txt")
    wanted = [*files(PACKAGE, *SOURCE_ONLY), *texts, "setup.py", "setup.cfg", "tox.ini"]
    for name in wanted:
        if name not in names:
            yield f"the sdist lacks {name}"
    for name in sorted(names):
        if MADE.intersection(name.split("/")):
            yield f"the sdist holds {name}"


def check_installed(wheel: pathlib.Path, work: pathlib.Path) -> None:
    """Install the wheel with nothing but what it asks for; import it and run its command there."""
    venv.create(work / "venv", with_pip=True)
    scripts = work / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run([str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel)], work)
    # -I keeps the checkout off the path.
    run([str(scripts / "python"), "-I", "-W", "error", "-c", f"import {PACKAGE}"], work)
    run([str(scripts / "jambonz-sync"), "--help"], work)


def main() -> int:
    """Make all the checks; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="packaging-") as name:
        work = pathlib.Path(name)
        dist = work / "dist"
        log = run([sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT)], work)
        (wheel,) = dist.glob("*.whl")
        (sdist,) = dist.glob("*.tar.gz")
        with zipfile.ZipFile(wheel) as archive:
            in_wheel = {entry for entry in archive.namelist() if not entry.endswith("/")}
        with tarfile.open(sdist) as archive:
            in_sdist = {entry.name.partition("/")[2] for entry in archive if entry.isfile()}
        complaints = [*check_log(log), *check_wheel(in_wheel), *check_sdist(in_sdist)]
        if complaints:
            print(*complaints, sep="\n", file=sys.stderr)
            return 1
        run([sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)], work)
        check_installed(wheel, work)
    print(f"{wheel.name}: {len(in_wheel)} files; {sdist.name}: {len(in_sdist)} files; nothing to complain of")
    return 0


if __name__ == "__main__":
    sys.exit(main())
