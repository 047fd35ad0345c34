"""What a type checker must refuse: every line that ends in a comment with the words it must use for it."""

# pyright: reportUnnecessaryComparison=true
from __future__ import annotations

from jambonz_sync import Event, Outcome


def what_was_said(evt: Event) -> None:
    print(evt.digts)  # "digts"
    print(evt.digits + 1)  # +
    print(evt.confidence * 100)  # None
    print(evt.speech["words"])  # "words"
    print(evt.reason == "timed out")  # 'timed out'


def the_call(evt: Event) -> None:
    print(evt.sip_status.upper())  # "upper"
    print(evt.call_status == "complted")  # 'complted'
    print(evt.direction == "in")  # 'in'


def who_waits(evt: Event) -> None:
    print(evt.queue_size.upper())  # "upper"
    print(evt.queue_length)  # "queue_length"
    print(evt.queue_result == "left")  # 'left'


def what_happened(evt: Event) -> None:
    print(evt.event == "joined")  # 'joined'
    print(evt.event_type == "stream_opened")  # 'stream_opened'
    print(evt.arguments - 1)  # -


def the_mapping(evt: Event) -> None:
    evt["digits"] = "1"  # "Event"
    print(evt[1])  # "str"


def how_it_ended(outcome: Outcome) -> None:
    print(outcome.dial_status)  # "dial_status"
    print(outcome.queue_size)  # "queue_size"
    print(outcome.dial_call_status == "answered")  # 'answered'
    print(outcome.state == "done")  # 'done'
