"""A script of the user's: loading it, without serving it, and finding its endpoint.

::

    loaded = load("app.py")  # or "app.py:endpoint", to name a variable
    loaded.endpoint.start()
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from ..service import Service

__all__ = ["Loaded", "ScriptError", "file_of", "load"]

_PACKAGE = pathlib.Path(__file__).resolve().parents[1]


class ScriptError(Exception):
    """A script cannot be loaded, or has no endpoint. The text says why, and what to do."""


class Loaded(NamedTuple):
    """What a script holds.

    ``path`` is the file; ``endpoint`` its endpoint; ``service`` the one that was asked for by name, if it was one.
    """

    path: pathlib.Path
    endpoint: Endpoint
    service: Service | None


class _Stop(BaseException):
    """Stops a script where it would listen."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self.endpoint = endpoint


def load(spec: str) -> Loaded:
    """Run a script up to where it would listen, if it does not stop before, and return its endpoint.

    ::

        load("app.py")
        load("app.py:orders")

    It runs as a module, so its ``__name__`` is not ``"__main__"``. Its folder comes first on ``sys.path``, and stays
    there.

    ``spec``: the path of the script; behind a colon, the variable that holds the endpoint, or one of its services.
    Without that, the endpoint is the one that the script would have served, else the only one that its variables hold.

    Raises :exc:`ScriptError`.
    """
    path, name = _parted(spec)
    variables, served = _run(path)
    if name is not None:
        return _named(path, variables, name)
    if served is not None:
        return Loaded(path, served, None)
    return Loaded(path, _only_endpoint(path, variables), None)


def file_of(spec: str) -> pathlib.Path:
    """Return the file that is meant by ``"app.py"`` or ``"app.py:endpoint"``. Raises :exc:`ScriptError`."""
    return _parted(spec)[0]


def _parted(spec: str) -> tuple[pathlib.Path, str | None]:
    script, _, name = spec.rpartition(":")
    if not script or not name.isidentifier():
        script, name = spec, ""
    path = pathlib.Path(script)
    if path.is_file():
        return path.resolve(), name or None
    if path.is_dir():
        raise ScriptError(f"{script} is a folder: name the script in it, such as {path / 'app.py'}")
    guess = path.with_name(f"{path.name}.py")
    hint = f"; did you mean {guess}?" if guess.is_file() else f", seen from {pathlib.Path.cwd()}"
    raise ScriptError(f"there is no file {script}{hint}")


def _run(path: pathlib.Path) -> tuple[dict[str, Any], Endpoint | None]:
    """Return the variables of a script, and the endpoint that it would have served."""
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    from ..endpoint import instead_of_listening

    name = _module_name(path)
    spec = spec_from_loader(name, SourceFileLoader(name, str(path)))
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    token = instead_of_listening.set(_stop)
    served: Endpoint | None = None
    loaded = False
    try:
        with _arguments_of(path):
            # Not by the loader, which takes bytecode of the same second and size for that of a file that has changed.
            exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
        loaded = True
    except _Stop as stop:
        served = stop.endpoint
        loaded = True
    except SystemExit as error:
        said = f": {error.code}" if isinstance(error.code, str) else f" with {error.code or 0}"
        raise ScriptError(f"{path.name} has ended itself while it was being loaded{said}") from error
    except Exception as error:
        raise ScriptError(f"{path.name} cannot be loaded:\n\n{_told(error)}") from error
    finally:
        instead_of_listening.reset(token)
        if not loaded:
            del sys.modules[name]
            sys.path.remove(str(path.parent))
    return module.__dict__, served


def _stop(endpoint: Endpoint) -> NoReturn:
    raise _Stop(endpoint)


def _module_name(path: pathlib.Path) -> str:
    # Its own name, so that the files beside it can import from it, as they do in its tests.
    taken = path.stem in sys.modules or path.stem in sys.builtin_module_names
    return path.stem if path.stem.isidentifier() and not taken else f"script {path}"


@contextlib.contextmanager
def _arguments_of(path: pathlib.Path) -> Iterator[None]:
    # Those of the command line are not the script's.
    before = sys.argv
    sys.argv = [str(path)]
    try:
        yield
    finally:
        sys.argv = before


def _told(error: Exception) -> str:
    """Return the traceback, with the lines of the user's code and of what it has called, but not ours."""
    told = traceback.TracebackException.from_exception(error)
    _leave_out_ours(told)
    if not told.stack:
        return "".join(told.format_exception_only()).rstrip()
    return "".join(told.format()).rstrip()


def _leave_out_ours(told: traceback.TracebackException) -> None:
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if not _is_ours(frame.filename)])
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _leave_out_ours(other)


def _is_ours(filename: str) -> bool:
    return filename.startswith("<frozen importlib") or pathlib.Path(filename).is_relative_to(_PACKAGE)


# What it holds


def _named(path: pathlib.Path, variables: dict[str, Any], name: str) -> Loaded:
    from ..endpoint import Endpoint
    from ..service import Service

    value = variables.get(name)
    if isinstance(value, Endpoint):
        return Loaded(path, value, None)
    if isinstance(value, Service):
        return Loaded(path, value.endpoint, value)
    names = [name for name, value in variables.items() if isinstance(value, (Endpoint, Service))]
    has = f"it has {', '.join(names)}" if names else "it has none at all"
    if name in variables:
        raise ScriptError(f"{name} in {path.name} is no endpoint and no service, but {value!r}; {has}")
    raise ScriptError(f"{path.name} has no endpoint or service {name}; {has}")


def _only_endpoint(path: pathlib.Path, variables: dict[str, Any]) -> Endpoint:
    from ..endpoint import Endpoint
    from ..service import Service

    endpoints = {value: name for name, value in reversed(variables.items()) if isinstance(value, Endpoint)}
    found = [*endpoints] or [*{value.endpoint: None for value in variables.values() if isinstance(value, Service)}]
    if len(found) == 1:
        return found[0]
    if endpoints:
        names = sorted(endpoints.values())
        raise ScriptError(
            f"{path.name} has the endpoints {' and '.join(names)}: name the one you mean, {path.name}:{names[0]}"
        )
    raise ScriptError(
        f"{path.name} has no endpoint: make one outside of all functions, endpoint = create_endpoint(port=3000)"
    )
