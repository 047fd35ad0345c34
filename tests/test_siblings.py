"""Handing a connection to the process that holds its call."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import logging
import os
import queue
import socket
import ssl
import stat
import struct
import subprocess
import sys
import threading
import time
import types

import pytest
from websockets.sync.client import connect

from jambonz_sync import create_endpoint, siblings
from jambonz_sync.siblings import Offer, Siblings, workers_directory
from tests.scenarios.application import TIMEOUT, no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, texts

OFFER = Offer(
    name="call-1",
    kind="call",
    service="/menu",
    path="/menu/sales",
    target="/menu/sales?x=ü",
    handshake={"HTTP_HOST": "localhost"},
    received=b"\x00\xff\n{}",
)


@pytest.fixture
def directory(tmp_path):
    """A directory that siblings will make. Not a long name: that of a Unix socket has 107 characters at most."""
    with contextlib.ExitStack() as stack:
        parent = os.open(tmp_path, os.O_RDONLY)
        stack.callback(os.close, parent)
        yield f"/proc/self/fd/{parent}/siblings"


class Process:
    """What stands for one process: the siblings of it, and what they were given."""

    def __init__(self, directory, log, *calls):
        self.calls = set(calls)
        self.taken = []
        self.got = threading.Semaphore(0)
        self.siblings = Siblings(lambda offer: offer.name in self.calls, self.take, log)
        self.siblings.join(directory)

    def take(self, offer, sock):
        self.taken.append((offer, sock.dup()))
        self.got.release()

    def offer(self, sock, offer=OFFER):
        return self.siblings.offer(offer, sock)


@pytest.fixture
def process(directory, log):
    """Makes processes, which leave at the end."""
    made = []

    def make(*calls):
        made.append(Process(directory, logging.getLogger("jambonz_sync"), *calls))
        return made[-1]

    yield make
    for one in made:
        one.siblings.leave()
        for _, sock in one.taken:
            sock.close()
    no_thread_left()
    assert log.unexpected() == []


@pytest.fixture
def connection():
    """The two ends of a connection: jambonz's, and the one that was accepted here."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        jambonz = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
    jambonz.settimeout(TIMEOUT)
    with jambonz, accepted:
        yield jambonz, accepted


class TestOffering:
    def test_the_one_that_holds_the_call_takes_it(self, process, connection):
        """Of several processes it gets the connection, with all that is known of it."""
        jambonz, accepted = connection
        process("call-2")
        owner = process("call-1")
        process()
        assert process("call-3").offer(accepted)
        assert owner.got.acquire(timeout=TIMEOUT)
        ((offer, sock),) = owner.taken
        assert offer == OFFER
        sock.sendall(b"from the owner")
        assert jambonz.recv(100) == b"from the owner"

    def test_a_long_message(self, process, connection):
        """What was received may be longer than a socket's buffer."""
        owner = process("call-1")
        long = dataclasses.replace(OFFER, received=os.urandom(1_500_000))
        assert process().offer(connection[1], long)
        assert owner.got.acquire(timeout=TIMEOUT)
        assert owner.taken[0][0] == long

    def test_the_one_that_offered_it_is_rid_of_it(self, process, connection):
        """A server that shuts down and closes what it had accepted does the call no harm."""
        jambonz, accepted = connection
        owner = process("call-1")
        assert process().offer(accepted)
        assert owner.got.acquire(timeout=TIMEOUT)
        with contextlib.suppress(OSError):
            accepted.shutdown(socket.SHUT_RDWR)
        with pytest.raises(OSError):
            accepted.send(b"x")
        accepted.close()
        owner.taken[0][1].sendall(b"still here")
        assert jambonz.recv(100) == b"still here"

    def test_nobody_holds_it(self, process, connection):
        """Then the connection is as it was."""
        jambonz, accepted = connection
        process("call-2")
        assert not process().offer(accepted)
        accepted.sendall(b"mine after all")
        assert jambonz.recv(100) == b"mine after all"

    def test_alone(self, process, connection):
        """A process does not offer anything to itself."""
        assert not process("call-1").offer(connection[1])

    def test_before_joining(self, connection, log):
        """Who has not joined has no siblings."""
        assert not Siblings(bool, print, logging.getLogger()).offer(OFFER, connection[1])

    def test_tls(self, process, connection, log):
        """A connection whose keys are in this process is not offered."""
        owner = process("call-1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        encrypted = context.wrap_socket(connection[1], server_side=True, do_handshake_on_connect=False)
        with encrypted:
            assert not process().offer(encrypted)
        log.expect("over TLS", "cannot be handed over")
        assert owner.taken == []

    def test_tls_without_siblings(self, process, connection):
        """Where nobody could take it there is nothing to warn of."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        encrypted = context.wrap_socket(connection[1], server_side=True, do_handshake_on_connect=False)
        with encrypted:
            assert not process().offer(encrypted)

    def test_one_that_was_killed(self, process, directory, connection):
        """What it has left behind is removed."""
        owner = process("call-1")
        # Before all others, in the order in which they are asked.
        left = os.path.join(directory, "0-killed")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(left)
        assert process().offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)
        assert not os.path.exists(left)

    def test_one_that_has_left_meanwhile(self, process, directory, connection, monkeypatch):
        """One that goes between the look into the directory and the knock at its door is nothing to warn of."""
        ours = process()
        monkeypatch.setattr(ours.siblings, "_others", lambda: iter([f"{directory}/1-gone"]))
        assert not ours.offer(connection[1])

    def test_one_that_hangs(self, process, directory, connection, log):
        """It is waited for no longer than jambonz can wait, and said so; the next is asked."""
        owner = process("call-1")
        with socket.socket(socket.AF_UNIX) as hanging:
            hanging.bind(os.path.join(directory, "0-hanging"))
            hanging.listen()
            assert process().offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)
        log.expect("0-hanging", "does not answer")

    def test_descriptors_have_run_out(self, process, connection, monkeypatch, log):
        """Without one for what is to lead nowhere nobody is told to take it, and the connection is as it was."""
        jambonz, accepted = connection
        owner, ours = process("call-1"), process()

        def fail(*_):
            raise OSError(errno.EMFILE, "Too many open files")

        with monkeypatch.context() as patch:
            patch.setattr(socket, "socketpair", fail)
            assert not ours.offer(accepted)
        log.expect("cannot be handed over", "Too many open files", level=logging.ERROR)
        accepted.sendall(b"mine after all")
        assert jambonz.recv(100) == b"mine after all"
        assert owner.taken == []

    def test_many_at_once(self, process, connection, monkeypatch):
        """A sibling whose queue is full is knocked at again."""
        owner, ours = process("call-1"), process()
        connect, knocks = socket.socket.connect, []

        def knock(sock, path):
            knocks.append(path)
            if len(knocks) < 3:
                raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
            connect(sock, path)

        monkeypatch.setattr(socket.socket, "connect", knock)
        assert ours.offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)
        assert len(knocks) == 3

    def test_a_queue_that_stays_full(self, process, connection, monkeypatch, log):
        """It is not knocked at for ever."""
        process("call-1")
        ours = process()

        def knock(sock, path):
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

        monkeypatch.setattr(siblings, "_PATIENCE", 0.05)
        monkeypatch.setattr(socket.socket, "connect", knock)
        assert not ours.offer(connection[1])
        log.expect("does not answer", "temporarily unavailable")

    def test_a_child_gets_none_of_it(self, process, connection, monkeypatch):
        """Programs that a handler starts inherit neither what was handed over nor what is left of it here."""
        told = queue.SimpleQueue()
        owner, accepted = process("call-1"), connection[1]
        monkeypatch.setattr(owner.siblings, "_take", lambda offer, sock: told.put(sock.get_inheritable()))
        assert process().offer(accepted)
        assert told.get(timeout=TIMEOUT) is False
        assert accepted.get_inheritable() is False


class TestBeingOffered:
    def send(self, directory, data, descriptors=()):
        """Say something to the only process there is; return all that it answers."""
        (name,) = os.listdir(directory)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(TIMEOUT)
            sock.connect(os.path.join(directory, name))
            socket.send_fds(sock, [data], list(descriptors))
            sock.shutdown(socket.SHUT_WR)
            # What is left unread where it is hung up on makes a reset of it.
            with contextlib.suppress(ConnectionResetError):
                return b"".join(iter(lambda: sock.recv(100), b""))
            return b""

    @pytest.mark.parametrize(
        ("data", "with_descriptor", "why"),
        [
            (b"\0\0\0\x02{}", False, "without a connection"),
            (b"\0\0\0\x02{}", True, "missing"),
            (b"\0\0\0\x05{}", True, "missing"),
            (b"\0\0\0\x02[]", True, "must be a mapping"),
            (b"\0\0\0\x01{", True, "Expecting"),
            (b"\xff\xff\xff\xff", True, "4,294,967,295 bytes"),
        ],
    )
    def test_nonsense(self, process, directory, connection, log, data, with_descriptor, why):
        """It costs a warning, and no descriptor."""
        process("call-1")
        before = len(os.listdir("/proc/self/fd"))
        descriptors = [connection[1].fileno()] if with_descriptor else []
        assert self.send(directory, data, descriptors) == b""
        log.expect("came to nothing", why)
        # The one that answers is just ending.
        while len(os.listdir("/proc/self/fd")) > before:
            pass

    def test_one_who_gave_up(self, process, directory, connection):
        """An offer that is not confirmed is void: whoever made it may have served the connection itself."""
        jambonz, accepted = connection
        owner = process("call-1")
        told = {key: value for key, value in dataclasses.asdict(OFFER).items() if key != "received"}
        body = json.dumps(told).encode() + b"\n"
        head = struct.pack(">I", len(body))
        assert self.send(directory, head + body, [accepted.fileno()]) == b"mine\n"
        assert owner.taken == []
        accepted.sendall(b"mine after all")
        assert jambonz.recv(100) == b"mine after all"

    def test_no_thread_is_to_be_had(self, process, connection, monkeypatch, log):
        """That costs one offer, and not all those that follow."""
        owner, ours = process("call-1"), process()
        start = threading.Thread.start

        def refuse(thread):
            if thread.name == "jambonz_sync from a sibling":
                raise RuntimeError("can't start new thread")
            start(thread)

        # It notices that it was hung up on, in one way or another.
        log.allow("does not answer")
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            assert not ours.offer(connection[1])
            log.expect("cannot be answered", "can't start new thread", level=logging.ERROR)
        assert ours.offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)

    def test_nothing_can_be_accepted(self, process, connection, monkeypatch):
        """While descriptors have run out there is a pause after each attempt; after that all is as before."""
        accept, pauses = socket.socket.accept, queue.SimpleQueue()
        failures = queue.SimpleQueue()
        for number in range(5):
            failures.put(number)

        def fail(sock):
            if sock.family == socket.AF_UNIX:
                with contextlib.suppress(queue.Empty):
                    failures.get_nowait()
                    raise OSError(errno.EMFILE, "Too many open files")
            return accept(sock)

        monkeypatch.setattr(socket.socket, "accept", fail)
        clock = types.SimpleNamespace(sleep=pauses.put, monotonic=time.monotonic)
        monkeypatch.setattr(siblings, "time", clock)
        owner = process("call-1")
        assert [pauses.get(timeout=TIMEOUT) for _ in range(5)] == [siblings._PAUSE] * 5
        assert failures.empty()
        assert process().offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)
        assert pauses.empty()


class TestJoining:
    def test_not_seen_before_it_listens(self, process, directory, connection, monkeypatch):
        """Whoever looks for others at that moment does not take it for dead, and remove it."""
        ours = process()
        listen, offered = socket.socket.listen, []

        def meanwhile(sock, *backlog):
            offered.append(ours.offer(connection[1]))
            listen(sock, *backlog)

        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "listen", meanwhile)
            owner = process("call-1")
        assert offered == [False]
        assert len(os.listdir(directory)) == 2
        assert ours.offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)

    def test_the_directory_is_private(self, process, directory):
        """It is made for this user alone, and goes with the last of the siblings."""
        one, other = process(), process()
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
        assert len(os.listdir(directory)) == 2
        one.siblings.leave()
        assert len(os.listdir(directory)) == 1
        other.siblings.leave()
        assert not os.path.exists(directory)

    def test_leaving_twice_and_joining_again(self, process, directory, connection):
        """Leaving is done once; who joins again is found again."""
        owner = process("call-1")
        owner.siblings.leave()
        owner.siblings.leave()
        other = process()
        assert not other.offer(connection[1])
        owner.siblings.join(directory)
        owner.siblings.join(directory)
        assert len(os.listdir(directory)) == 2
        assert other.offer(connection[1])
        assert owner.got.acquire(timeout=TIMEOUT)

    @pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
    def test_a_directory_that_others_could_write_to(self, process, directory, log, connection, kind):
        """It is not used: whoever could write there would get callers. That is said, and nothing else fails."""
        if kind == "a link":
            os.symlink("/", directory)
        elif kind == "a file":
            with open(directory, "w"):
                pass
        else:
            os.mkdir(directory, 0o777)
            os.chmod(directory, 0o777)
        one = process()
        log.expect("cannot be handed over", "belongs to this user, with mode 0700")
        assert not one.offer(connection[1])
        one.siblings.leave()

    def test_a_forked_child(self, process, directory):
        """It is a process of its own: it joins by itself, and its end takes nothing from its parent."""
        process()
        code = f"""
import logging, os
from jambonz_sync.siblings import Siblings
siblings = Siblings(bool, print, logging.getLogger())
siblings.join({os.fspath(os.path.realpath(directory))!r})
before = len(os.listdir({os.path.realpath(directory)!r}))
child = os.fork()
if child == 0:
    siblings.leave()
    siblings.join({os.path.realpath(directory)!r})
    assert len(os.listdir({os.path.realpath(directory)!r})) == before + 1
    siblings.leave()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert len(os.listdir({os.path.realpath(directory)!r})) == before == 2
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
        # It left at its exit, without being told.
        assert len(os.listdir(directory)) == 1

    def test_the_directory_of_workers(self):
        """Those of one parent and one user have the same."""
        code = "from jambonz_sync.siblings import workers_directory; print(workers_directory())"
        told = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in "12"}
        assert len(told) == 1
        assert told != {workers_directory() + "\n"}


class TestCalls:
    """Two endpoints, as if in two processes that listen on one address."""

    @pytest.fixture
    def owner(self, make_app, directory):
        """The application that gets the calls."""
        return make_app(siblings=directory)

    @pytest.fixture
    def other(self, owner, directory):
        """Another of the same services, which has had a call, and so has joined."""
        endpoint = create_endpoint(host="127.0.0.1", port=0, siblings=directory)
        service = endpoint.make_service("/app")
        service.on("session:new", lambda session: session.say("Hello.").send())
        with endpoint, JambonzSide(f"{endpoint.url}/app") as visitor:
            visitor.session_new()
            visitor.expect_ack()
            visitor.hang_up()
            yield endpoint

    def rings(self, app, path="/app"):
        """A call that waits at its menu."""
        jambonz = app.call(path)
        jambonz.expect_ack()
        jambonz.live()
        jambonz.all_read()
        return jambonz

    def test_a_call_goes_on(self, owner, other):
        """jambonz comes back to the other process, again and again; the handler notices nothing."""

        @owner.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            for _ in range(3):
                evt = session.wait_for("/menu")
                session.say(evt.digits).gather(action_hook="/menu").reply()

        jambonz = self.rings(owner)
        for digits, way in [("1", "reset"), ("2", "ghost"), ("3", 1012)]:
            jambonz.lose(way)
            jambonz.url = f"{other.url}/app"
            jambonz.come_back()
            jambonz.hook("/menu", digits=digits)
            assert texts(jambonz.expect_ack()) == [digits]
            assert jambonz.call_sid not in other.sessions
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert owner.outcome() is None
        assert sum("handed the connection" in line for line in owner.log.lines(logging.INFO)) == 3

    def test_a_call_that_nobody_holds(self, owner, other):
        """It is taken up where it arrives, as without siblings."""
        other.find_service("/app").on("session:reconnect", lambda session: session.say("Where were we?").send())
        with JambonzSide(f"{other.url}/app") as jambonz:
            jambonz.session_new(kind="session:reconnect")
            jambonz.expect_ack()
            jambonz.live()
            assert texts(jambonz.expect_redirect()) == ["Where were we?"]
            jambonz.hang_up()

    def test_a_service_below_another(self, owner, other):
        """The service is known by its path, and what jambonz connects to by the whole of it."""
        service = owner.endpoint.make_service("/app/menu")
        other.make_service("/app/menu")

        @service.on("session:new")
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.say(session.wait_for("/menu").digits).reply()
            owner.told.put((session.service.path, session.path))

        jambonz = self.rings(owner, "/app/menu/main?tenant=7")
        jambonz.lose("end")
        jambonz.url = f"{other.url}/app/menu/main?tenant=7"
        jambonz.come_back()
        jambonz.hook("/menu", digits="5")
        assert texts(jambonz.expect_ack()) == ["5"]
        assert owner.hears() == ("/app/menu", "/app/menu/main")
        jambonz.hang_up()

    def test_a_service_that_is_not_there(self, owner, other, log):
        """Processes that differ: who holds the call for another service does not take it; it is ended in order."""
        other.make_service("/new")
        owner.answer(lambda session: session.say("Hello.").send().sleep(60))
        jambonz = self.rings(owner)
        jambonz.lose("reset")
        jambonz.url = f"{other.url}/new"
        jambonz.come_back()
        log.expect("does not know the call")
        jambonz.live()
        jambonz.expect_goodbye()
        jambonz.hang_up()

    def test_the_audio_of_a_call(self, owner, other):
        """It is brought to any process, and heard in the one that holds the call: a recording, say."""

        @owner.answer
        def answer(session):
            owner.told.put(session.record(beep=False, finish_on_key=None).data)

        jambonz = owner.call()
        (listen,) = [verb for verb in jambonz.expect_ack() if verb["verb"] == "listen"]
        url = f"{other.url}{listen['url']}"
        with connect(url, subprotocols=["audio.jambonz.org"], proxy=None) as audio:
            facts = {"sampleRate": 8000, "mixType": "mono", "callSid": jambonz.call_sid, **listen["metadata"]}
            audio.send(json.dumps(facts))
            audio.send(b"\1\0" * 800)
        jambonz.hook("/run", verb_id=listen["id"], dial_call_duration=1)
        assert owner.hears() == b"\1\0" * 800
        jambonz.hang_up()
        assert any("handed the audio over" in line for line in owner.log.lines(logging.INFO))
