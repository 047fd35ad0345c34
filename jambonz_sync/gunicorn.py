"""Hooks for gunicorn's workers, so that a deploy loses no call.

In ``gunicorn.conf.py``::

    from jambonz_sync.gunicorn import post_worker_init, worker_int

    worker_class = "gthread"
    threads = 200
    graceful_timeout = 60

A worker that is told to stop (SIGTERM, HUP, ``max_requests``) then accepts no more connections, lets its calls go on
until shortly before ``graceful_timeout``, and closes what is left with 1001, after which jambonz connects again, to
another worker. Without the hooks gunicorn cuts those calls off; jambonz comes back for them too, but later, and a
handler is stopped in the middle.

Who has such hooks already calls these from them.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from .endpoint import endpoints

__all__ = ["post_worker_init", "worker_int"]

#: How often a worker is asked whether it is to stop, in seconds.
_LOOK = 0.25
#: A worker that is to stop may accept connections for so long (gevent looks once a second), or have some that no thread
#: has looked at. They are served, not turned away.
_STILL_ACCEPTING = 1.5
#: Before the end of ``graceful_timeout`` this long is left to close what is still up, or half of it, in seconds.
_FOR_CLOSING = 5.0


def post_worker_init(worker: Any) -> None:
    """Drain the calls of a worker when it is told to stop. For gunicorn's setting of the same name.

    ``worker``: gunicorn's, one of the classes ``gthread`` or ``gevent``.
    """
    if worker.cfg.worker_class_str == "gthread" and worker.cfg.threads < 2:
        worker.log.warning("with one thread a worker holds one call, and answers nobody else: see gunicorn's --threads")
    # A flag that gunicorn itself looks at, so that it does not matter by which signal or limit a worker ends.
    threading.Thread(target=_drain_at_the_end, args=(worker,), name="jambonz_sync drain", daemon=True).start()


def _drain_at_the_end(worker: Any) -> None:
    while worker.alive:
        time.sleep(_LOOK)
    patience = float(worker.cfg.graceful_timeout)
    patience = max(patience - _FOR_CLOSING, patience / 2)
    # Without any call the draining would be over at once.
    still_accepting = min(_STILL_ACCEPTING, patience)
    time.sleep(still_accepting)
    _drain(patience - still_accepting)


def worker_int(worker: Any) -> None:
    """Close the calls of a worker that is to end at once (SIGINT, SIGQUIT). For gunicorn's setting of the same name.

    ``worker``: as for :func:`post_worker_init`.
    """
    # Called in the handler of a signal, which may have come in the middle of anything; so not on this thread.
    closing = threading.Thread(target=_drain, args=(0.0,), name="jambonz_sync drain", daemon=True)
    closing.start()
    closing.join(_FOR_CLOSING)


def _drain(seconds: float) -> None:
    draining = [
        threading.Thread(target=endpoint.drain, args=(seconds,), name="jambonz_sync drain", daemon=True)
        for endpoint in endpoints()
    ]
    for thread in draining:
        thread.start()
    for thread in draining:
        thread.join()
