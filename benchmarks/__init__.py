"""Measurements against other libraries: run by hand, never asserted in a test.

Each command is a module: ``python -m benchmarks.verbs``. What they share stands beside them: ``measuring`` takes
samples in turn, ``starting`` those of fresh interpreters, ``spread`` sums them up, ``comparison`` sets ours against
theirs, ``table`` shows that, ``machine`` says where, ``server_process`` has a server up, ``command`` is the command
line, and ``stopping`` ends it early. A rival is a :class:`~.side.Side` in a module of its own.
"""

from __future__ import annotations

__all__: list[str] = []
