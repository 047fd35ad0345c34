"""Callers who speak all at once."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from jambonz_sync import AudioStream, create_endpoint

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll", allow_module_level=True)

from benchmarks.audio_callers import calling, converse

FRAME = 320


@contextlib.contextmanager
def serving(handler: Callable[[AudioStream], None]) -> Iterator[int]:
    """Have an application up whose streams go to ``handler``; give its port."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_audio_service("/voices").on("connection", handler)
        yield int(endpoint.url.rpartition(":")[2])


def test_what_is_said_comes_back() -> None:
    """There is a delay for each frame of each stream, and the application has heard sound from all of them."""
    heard: dict[str | None, bytes] = {}

    def echo(stream: AudioStream) -> None:
        for frame in stream:
            heard[stream.call_sid] = frame
            stream.send_audio(frame)

    with serving(echo) as port, calling(port, streams=3) as callers:
        spoken = converse(callers, seconds=0.2)
    assert len(spoken.delays) == len(spoken.lateness) == 30
    assert min(spoken.delays) > 0
    assert min(spoken.lateness) >= 0
    assert spoken.cpu > 0
    assert sorted(heard) == ["call-0", "call-1", "call-2"]
    # The one that opened the stream, then ten: the last is the eleventh.
    assert {frame[:8] for frame in heard.values()} == {b"00000010"}
    assert {len(frame) for frame in heard.values()} == {FRAME}


def test_twice() -> None:
    """The delays of an earlier conversation are not those of the next."""

    def echo(stream: AudioStream) -> None:
        for frame in stream:
            stream.send_audio(frame)

    with serving(echo) as port, calling(port, streams=2) as callers:
        assert [len(converse(callers, seconds=0.1).delays) for _ in range(2)] == [10, 10]


def test_another_frame() -> None:
    """What is not the frame that is due is an error."""

    def repeat(stream: AudioStream) -> None:
        first = stream.read(0.02)
        stream.send_audio(first)
        for _ in stream:
            stream.send_audio(first)

    with (
        serving(repeat) as port,
        calling(port, streams=1) as callers,
        pytest.raises(ConnectionError, match="not frame 1, but 320 bytes: b'00000000'"),
    ):
        converse(callers, seconds=0.1)


def test_part_of_a_frame() -> None:
    """So is less than a frame."""

    def halve(stream: AudioStream) -> None:
        for frame in stream:
            stream.send_audio(frame[:160])

    with serving(halve) as port, pytest.raises(ConnectionError, match="not frame 0, but 160 bytes"):
        with calling(port, streams=1):
            pytest.fail("the stream is up")


def test_words() -> None:
    """So is what is no audio."""

    def disconnect(stream: AudioStream) -> None:
        stream.read(0.02)
        stream.disconnect()

    with serving(disconnect) as port, pytest.raises(ConnectionError, match=r"not a frame of audio: .*disconnect"):
        with calling(port, streams=1):
            pytest.fail("the stream is up")


def test_refused() -> None:
    """So is a refusal."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/app")
        with pytest.raises(ConnectionError, match=r"refused: .* 404 "):
            with calling(int(endpoint.url.rpartition(":")[2]), streams=1):
                pytest.fail("the stream is up")


def test_end() -> None:
    """So is the end of the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            sock = listener.accept()[0]
            sock.recv(65_536)
            sock.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ConnectionError, match="the server has closed the connection"):
            with calling(listener.getsockname()[1], streams=1):
                pytest.fail("the stream is up")
        thread.join()


def test_frames_that_do_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are waited for no longer than patience lasts."""

    def listen(stream: AudioStream) -> None:
        stream.send_audio(stream.read(0.02))
        stream.record_to("/dev/null")

    with serving(listen) as port, calling(port, streams=2) as callers:
        monkeypatch.setattr("benchmarks.audio_callers._PATIENCE", 0.2)
        with pytest.raises(ConnectionError, match=r"10 of 10 frames did not come back within 0\.2 s"):
            converse(callers, seconds=0.1)


def test_ping() -> None:
    """It is answered with what was in it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answers: list[bytes] = []

        def ask() -> None:
            sock = listener.accept()[0]
            with sock, sock.makefile("rb") as stream:
                while stream.readline() != b"\r\n":
                    pass
                sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                # The facts, then the first frame.
                stream.read((stream.read(2)[1] & 0x7F) + 4)
                frame = stream.read(8 + FRAME)
                sock.sendall(b"\x89\x05there")
                head, mask, masked = stream.read(2), stream.read(4), stream.read(5)
                answers.append(head + bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked)))
                sock.sendall(frame)
                stream.read()

        thread = threading.Thread(target=ask)
        thread.start()
        with calling(listener.getsockname()[1], streams=1) as callers:
            assert len(callers[0].delays) == 1
        thread.join()
    assert answers == [b"\x8a\x85there"]
