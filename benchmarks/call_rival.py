"""The application of :mod:`.calls` with jambonz's own SDK for Python, written as its examples are.

::

    $ PORT=3000 python -m benchmarks.call_rival
"""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import Any

from .call_words import WORDS

__all__ = ["main"]


async def _serve() -> None:
    # By name, since it is not there where nobody measures.
    create_endpoint = importlib.import_module("jambonz_sdk.websocket").create_endpoint
    make_service, _ = await create_endpoint(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
    make_service(path="/echo").on("session:new", _answer)
    make_service(path="/stream").on("session:new", _tell)
    await asyncio.Future()


async def _answer(session: Any) -> None:
    async def heard(evt: Any) -> None:
        session.say(text=f"You said: {evt['speech']['alternatives'][0]['transcript']}")
        session.gather(input=["speech"], actionHook="/heard", timeout=15)
        await session.reply()

    session.on("/heard", heard)
    session.say(text="Say something.").gather(input=["speech"], actionHook="/heard", timeout=15)
    await session.send()


async def _tell(session: Any) -> None:
    async def heard(evt: Any) -> None:
        session.gather(input=["speech"], actionHook="/heard", timeout=15)
        await session.reply()
        for word in WORDS:
            await session.send_tts_tokens(word)
        await session.flush_tts_tokens()

    session.on("/heard", heard)
    session.config(ttsStream={"enable": True}).gather(input=["speech"], actionHook="/heard", timeout=15)
    await session.send()


def main() -> None:
    """Listen until SIGTERM."""
    asyncio.run(_serve())


if __name__ == "__main__":
    main()
