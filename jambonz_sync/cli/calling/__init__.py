"""The parts of ``jambonz-sync call``: what is called, who calls, and how the one who types takes part in it.

Threads and what they share
---------------------------

* The **main thread** reads what is typed, where there is a terminal with line editing (:mod:`.terminal`); elsewhere it
  waits, and a **reader thread** reads (:mod:`.reading`).
* A thread listens to **signals** (:mod:`.interrupts`), which the main thread may notice late.
* The **call's thread** runs the whole call (:mod:`.placed`): only it touches the simulator, the caller
  (:mod:`.typed_caller`), its handset (``simulator.handset``), the network (:mod:`.network`) and the parties that are
  dialled.
* A script's endpoint has **threads of its own**, which reach us by log lines only.

There are four places where they meet:

* The **inbox** of the call's clock (:mod:`.live_clock`), a queue of functions: whatever another thread wants of the
  call is put there, and done on the call's thread between two waits. A socket pair wakes the call where it waits. Both
  may be used inside a signal handler.
* The lock of the **screen** (``simulator.printing``): held while a line is printed, by any thread; no other lock is
  taken under it.
* The event **over** of the call: set by its thread when nothing is to be printed any more, and waited for by the
  others.
* Two flags of :class:`.interrupts.Interrupts`, each written by one thread at a time: whether the main thread is
  reading, and whether it is to give up.
"""

from __future__ import annotations

__all__: list[str] = []
