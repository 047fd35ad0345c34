"""Where threads and greenlets are in user code."""

from __future__ import annotations

import contextlib
import gc
import json
import linecache
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync import whereabouts
from jambonz_sync.whereabouts import Frames, Owner
from tests.scenarios.freed import left_over
from tests.test_conversation import conversing
from tests.transport.peers import TIMEOUT, Background, eventually

ROOT = pathlib.Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def thread_in(function: Callable[[threading.Event], Any]) -> Iterator[int]:
    """A thread inside a function, which returns when its event is set."""
    stop = threading.Event()
    thread = Background(lambda: function(stop))
    try:
        assert thread.ident is not None
        yield thread.ident
    finally:
        stop.set()
        thread.result()


def waits_in_a_library(stop: threading.Event) -> None:
    stop.wait(TIMEOUT)


def sleeps(stop: threading.Event) -> None:
    while not stop.is_set():
        time.sleep(0.001)


def line_of(thread: int) -> str:
    """The line of user code that a thread is at, by its number."""
    with Frames() as frames:
        return whereabouts._line(frames.of_thread(thread))


def line_like(part: str, thread: int) -> str:
    """The line of user code, once the thread is in the function named."""
    eventually(lambda: part in line_of(thread))
    return line_of(thread)


@pytest.mark.parametrize("function", [waits_in_a_library, sleeps])
def test_the_line_is_the_callers_of_the_library(function: Callable[[threading.Event], Any]) -> None:
    """A thread in ``time.sleep`` or in a library is at the line of user code that called it."""
    with thread_in(function) as thread:
        where = line_like(function.__name__, thread)
    path, _, rest = where.partition(":")
    number, _, name = rest.partition(" in ")
    assert path == __file__
    assert name == function.__name__
    code = function.__code__
    assert code.co_firstlineno < int(number) <= max(line for *_, line in code.co_lines() if line)


def test_the_line_in_jambonz_sync_is_the_callers() -> None:
    """A thread that waits for its call is at the line that waits."""
    with conversing() as (conversation, jambonz):

        def waits_for_jambonz() -> None:
            conversation.wait_for_arrival(conversation.call.arrivals)

        waiting = Background(waits_for_jambonz)
        assert waiting.ident is not None
        where = line_like("waits_for_jambonz", waiting.ident)
        assert where.startswith(f"{__file__}:")
        jambonz.tell("call:status", "s1")
        waiting.result()


def test_code_in_site_packages_is_no_user_code() -> None:
    """An installed package that calls back is a library, wherever it is installed."""
    name = "/somewhere/lib/python3/site-packages/package/module.py"
    source = "def library(function, stop):\n    function(stop)\n"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space: dict[str, Any] = {}
    exec(compile(source, name, "exec"), space)

    def user(stop: threading.Event) -> None:
        space["library"](threading.Event.wait.__get__(stop), TIMEOUT)

    with thread_in(user) as thread:
        assert line_like("user", thread).startswith(f"{__file__}:")


def test_a_thread_without_user_code_is_where_it_is() -> None:
    """Then the innermost line is better than none."""
    with socket.socket() as sock:
        timer = threading.Timer(TIMEOUT, sock.close)
        timer.daemon = True
        timer.start()
        assert timer.ident is not None
        try:
            where = line_like("wait", timer.ident)
            assert "threading.py:" in where
        finally:
            timer.cancel()
            timer.join(TIMEOUT)


def test_a_thread_that_has_ended() -> None:
    """There is no line of it."""
    thread = Background(lambda: None)
    thread.result()
    assert thread.ident is not None
    eventually(lambda: thread.ident not in sys._current_frames())
    assert line_of(thread.ident) == "its thread has ended"


def test_a_snapshot() -> None:
    """One look tells of many threads; who has looked keeps no frame when it is done."""
    with thread_in(sleeps) as first, thread_in(waits_in_a_library) as second:
        line_like("sleeps", first)
        line_like("waits_in_a_library", second)
        with Frames() as frames:
            assert frames.of_thread(first) is not None
            assert frames.of_thread(second) is not None
            assert frames.line_of(Owner()).endswith(" in test_a_snapshot")
        assert frames.of_thread(first) is None


def test_the_garbage_collector_is_left_as_it_was() -> None:
    """It is off while somebody looks, also within a look, and on again only if it was."""
    gc.disable()
    try:
        with Frames():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
    with Frames():
        with Frames():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_look_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The garbage collector is on again, and the next may look."""

    def fail() -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(sys, "_current_frames", fail)
        with pytest.raises(MemoryError), Frames():
            pass
    assert gc.isenabled()
    assert Background(lambda: Owner().where).result()


# Threads return from functions of many sizes while others walk along their frames; a garbage collection lets the former
# go on in the middle of a step.
WALKS = """
import gc, random, sys, threading, time
from jambonz_sync.whereabouts import Frames, Owner

functions = []
for size in range(1, 24, 3):
    names = ", ".join(f"local_{number}" for number in range(size))
    source = f"def deep(n, choice, functions):\\n    {names}, = [choice] * {size}\\n"
    source += "    return choice(functions)(n - 1, choice, functions) if n else None\\n"
    space = {}
    exec(compile(source, "<a library>", "exec"), space)
    functions.append(space["deep"])

owners, stop, walking = [], threading.Event(), threading.local()

collected = []

def lets_go(phase, info):
    if phase == "start" and hasattr(walking, "steps") and sys._getframe(1).f_code.co_name == "_line":
        collected.append(phase)
        time.sleep(0.0003)

def runs():
    owners.append(Owner())
    choice = random.Random(1).choice
    while not stop.is_set():
        functions[0](100, choice, functions)

def walks():
    walking.steps = 0
    while walking.steps < 500:
        walking.steps += 1
        with Frames() as frames:
            for owner in owners:
                frames.line_of(owner)

gc.callbacks.append(lets_go)
gc.set_threshold(3, 1000, 1000)
sys.setswitchinterval(1e-6)
running = [threading.Thread(target=runs, daemon=True) for _ in range(2)]
walkers = [threading.Thread(target=walks, daemon=True) for _ in range(2)]
for thread in running:
    thread.start()
while len(owners) < len(running):
    time.sleep(0.001)
for thread in walkers:
    thread.start()
for thread in walkers:
    thread.join()
stop.set()
for thread in running:
    thread.join()
print("walked,", "with" if collected else "without", "a collection on the way")
"""


def test_walks_along_the_frames_of_others(tmp_path: pathlib.Path) -> None:
    """No garbage is collected on the way, which could end the process."""
    script = tmp_path / "walks.py"
    script.write_text(WALKS)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, script], env=environ, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, "walked, without a collection on the way\n"), run.stderr


FORKS = """
import gc, os, threading
from jambonz_sync.whereabouts import Frames, Owner

looks, forks = threading.Event(), threading.Event()

def look():
    with Frames():
        looks.set()
        forks.wait(0.2)

looker = threading.Thread(target=look)
looker.start()
looks.wait()
child = os.fork()
if child == 0:
    with Frames() as frames:
        frames.line_of(Owner())
    os._exit(0 if gc.isenabled() else 1)
forks.set()
looker.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), gc.isenabled())
"""


def test_a_fork_during_a_look() -> None:
    """It waits until the look is over: the child may look, and collects garbage."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    run = subprocess.run([sys.executable, "-c", FORKS], env=environ, capture_output=True, text=True, timeout=60)
    assert run.stdout == "0 True\n", run.stderr


# Greenlets

GREENLETS = """
from gevent import monkey
monkey.patch_all()
import gc, json, threading, time
from jambonz_sync.whereabouts import Frames, Owner

owners, told, stop = {}, {}, threading.Event()

def looks(name):
    with Frames() as frames:
        told[name] = frames.line_of(owners[name])

def waits():
    owners["waits"] = Owner()
    stop.wait(20)

def tells_of_itself():
    owners["itself"] = Owner()
    looks("itself")

owners["main"] = Owner()
threads = [threading.Thread(target=waits), threading.Thread(target=tells_of_itself)]
for thread in threads:
    thread.start()
while "itself" not in told:
    time.sleep(0)

def looks_at_main():
    looks("main")

looks("waits")
looker = threading.Thread(target=looks_at_main)
looker.start()
looker.join()
stop.set()
for thread in threads:
    thread.join()
del threads, thread
gc.collect()
owners["ended"] = owners["waits"]
looks("ended")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def of_greenlets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is told of greenlets, in a process in which gevent has replaced the threads."""
    pytest.importorskip("gevent")
    script = tmp_path_factory.mktemp("greenlets") / "app.py"
    script.write_text(GREENLETS)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, script], env=environ, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    told: dict[str, str] = json.loads(run.stdout)
    return told


@pytest.mark.parametrize(
    ("which", "function"),
    [("waits", "waits"), ("itself", "looks"), ("main", "<module>")],
)
def test_a_greenlet(of_greenlets: dict[str, str], which: str, function: str) -> None:
    """A greenlet is found wherever it waits, and so is the one that asks, and the main one."""
    path, _, rest = of_greenlets[which].partition(":")
    assert path.endswith("app.py")
    assert rest.endswith(f" in {function}")


def test_a_greenlet_that_has_ended(of_greenlets: dict[str, str]) -> None:
    """There is no line of it."""
    assert of_greenlets["ended"] == "its thread has ended"


def test_threads_beside_a_greenlet_library() -> None:
    """Where greenlets could be, but a thread runs none, the thread is found."""
    pytest.importorskip("greenlet")
    made: list[Owner] = []

    def owns(stop: threading.Event) -> None:
        made.append(Owner())
        stop.wait(TIMEOUT)

    with thread_in(owns) as thread:
        line_like("owns", thread)
        with Frames() as frames:
            assert frames.line_of(made[0]).endswith(" in owns")
    (owner,) = made
    eventually(lambda: owner.ident not in sys._current_frames())
    with Frames() as frames:
        assert frames.line_of(owner) == "its thread has ended"


def test_a_look_at_oneself_leaves_nothing_over() -> None:
    """Where greenlets could be, too: no frame of what has looked refers to itself."""
    pytest.importorskip("greenlet")
    owner = Owner()

    def look() -> str:
        with Frames() as frames:
            return frames.line_of(owner)

    gc.collect()
    gc.disable()
    try:
        assert look().endswith(" in look")
        assert left_over() == {}
    finally:
        gc.enable()


def test_no_greenlet_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has none pays nothing for it."""
    monkeypatch.delitem(sys.modules, "greenlet", raising=False)
    owner = Owner()
    assert owner.greenlet is None
    with Frames() as frames:
        assert frames.line_of(owner).endswith(" in test_no_greenlet_library")
