"""SIP requests that the caller's telephone sends within the call, and the hook that is told of them.

::

    arrange_requests([SendsRequest("INFO", at=3)], execution)
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from .caller import SendsRequest
from .execution import Execution
from .key_case import snake_cased

__all__ = ["arrange_requests"]


def arrange_requests(requests: Iterable[SendsRequest], execution: Execution) -> None:
    """Have each of them sent at its time."""
    for request in requests:
        execution.timers.at(request.at, functools.partial(_send, execution, request))


def _send(execution: Execution, request: SendsRequest) -> None:
    execution.transcript.add(execution.caller.who, f"sends SIP {request.method}")
    hook = execution.background.request_hook
    if hook is None or not execution.answered or execution.is_silent:
        why = "config has named no hook for it" if hook is None else "no verb runs on an answered call"
        execution.transcript.add("note", f"the application is not told of SIP {request.method}: {why}")
        return
    message = {
        "sip_method": request.method,
        "sip_body": request.body,
        "sip_headers": snake_cased(dict(request.headers)),
    }
    execution.background.ask(hook, {**execution.leg.normal(), **message})
