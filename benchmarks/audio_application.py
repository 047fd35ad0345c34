"""The application whose streams are measured by :mod:`.audio`: it sends back what the caller says, frame by frame.

::

    $ PORT=3000 python -m benchmarks.audio_application
"""

from __future__ import annotations

import os

from jambonz_sync import AudioStream, create_endpoint

__all__ = ["main"]


def echo(stream: AudioStream) -> None:
    """Send each frame back as soon as it is there."""
    for frame in stream:
        stream.send_audio(frame)


def main() -> None:
    """Listen until SIGTERM."""
    endpoint = create_endpoint(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
    endpoint.make_audio_service("/voices").on("connection", echo)
    endpoint.serve_forever(drain=0.0)


if __name__ == "__main__":
    main()
