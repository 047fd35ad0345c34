"""The counters of endpoints, for Prometheus.

::

    from jambonz_sync import create_endpoint
    from jambonz_sync.prometheus import register

    endpoint = create_endpoint()
    register(endpoint)

Whatever shows the registry, such as :func:`prometheus_client.make_wsgi_app`, shows the numbers of that moment then.

Needs prometheus-client: ``pip install "jambonz-sync[prometheus]"``.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .endpoint import Endpoint
from .how_ended import WORDS

__all__ = ["register"]


def register(endpoint: Endpoint, registry: CollectorRegistry = REGISTRY, *, name: str = "") -> None:
    """Have a registry tell the counters of an endpoint, as long as there is that endpoint.

    ::

        register(endpoint)
        register(sales, name="sales")
        register(support, name="support")

    * ``registry``: by default the one of prometheus-client
    * ``name``: the label ``endpoint`` of its numbers, to tell several endpoints apart

    Raises :exc:`ValueError` for a name that another endpoint in the registry has.
    """
    with _registering:
        collector = _collectors.get(registry)
        if collector is None:
            collector = _Endpoints()
            registry.register(collector)
            _collectors[registry] = collector
        collector.add(name, endpoint)


class _Endpoints(Collector):
    """Tells the numbers of all endpoints of one registry, since no two collectors may tell the same."""

    def __init__(self) -> None:
        self._endpoints: weakref.WeakValueDictionary[str, Endpoint] = weakref.WeakValueDictionary()
        self._listing = threading.Lock()

    def add(self, name: str, endpoint: Endpoint) -> None:
        with self._listing:
            if self._endpoints.get(name) is not None:
                raise ValueError(
                    f"an endpoint with the name {name!r} is registered already: register(endpoint, name=...) "
                    "tells several apart"
                )
            self._endpoints[name] = endpoint

    def collect(self) -> Iterable[Metric]:
        started = _counter("calls_started", "Calls that began here, those that were declined or taken over too.")
        reasons = "; ".join(f"{word}: {meaning}" for word, meaning in WORDS.items())
        ended = _counter("calls_ended", f"Calls that are over, by how they ended. {reasons}.", "reason")
        live = GaugeMetricFamily("jambonz_sync_calls_live", "Calls that are up.", labels=["endpoint"])
        reconnects = _counter("reconnects", "How often jambonz has come back for a call after a lost connection.")
        late = _counter("late_acks", "Hooks answered in the place of a handler that was busy beyond ack_timeout.")
        refused = _counter("refused", "Requests that were refused, by HTTP status.", "status")
        with self._listing:
            endpoints = sorted(self._endpoints.items(), key=lambda item: item[0])
        for name, endpoint in endpoints:
            counters = endpoint.counters
            started.add_metric([name], counters.started)
            for reason, number in counters.ended.items():
                ended.add_metric([name, reason], number)
            live.add_metric([name], counters.live)
            reconnects.add_metric([name], counters.reconnects)
            late.add_metric([name], counters.late_acks)
            for status, number in sorted(counters.refused.items()):
                refused.add_metric([name, str(status)], number)
        return [started, ended, live, reconnects, late, refused]


def _counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
    names: Sequence[str] = ["endpoint", *labels]
    return CounterMetricFamily(f"jambonz_sync_{name}", text, labels=names)


_registering = threading.Lock()
_collectors: weakref.WeakKeyDictionary[CollectorRegistry, _Endpoints] = weakref.WeakKeyDictionary()
