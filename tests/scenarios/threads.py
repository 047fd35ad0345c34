"""Work on a thread that is not the call's own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["on_another_thread"]


def on_another_thread(work: Callable[[], Any]) -> Any:
    """Do this on a thread of its own, and wait for it; return what it has returned or raised."""
    results: list[Any] = []

    def do() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            results.append(error)

    thread = threading.Thread(target=do)
    thread.start()
    thread.join(10)
    assert results, "it takes too long, or was unwound"
    return results[0]
