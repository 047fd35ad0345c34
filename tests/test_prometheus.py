"""What Prometheus reads of endpoints."""

from __future__ import annotations

import gc
import re
import subprocess
import sys

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from jambonz_sync import create_endpoint
from jambonz_sync.how_ended import WORDS
from jambonz_sync.prometheus import register
from tests.transport.peers import eventually


def page(registry):
    """The text that Prometheus reads."""
    return generate_latest(registry).decode()


def numbers(registry):
    """Its numbers, by name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page(registry))
        for sample in family.samples
    }


@pytest.fixture
def registry():
    return CollectorRegistry(auto_describe=True)


def test_from_the_start(registry):
    """Every number is there before there was a call, with its type and its help."""
    endpoint = create_endpoint()
    register(endpoint, registry)
    assert numbers(registry) == {
        ("jambonz_sync_calls_started_total", ""): 0,
        **{("jambonz_sync_calls_ended_total", "", word): 0 for word in WORDS},
        ("jambonz_sync_calls_live", ""): 0,
        ("jambonz_sync_reconnects_total", ""): 0,
        ("jambonz_sync_late_acks_total", ""): 0,
    }
    text = page(registry)
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    assert kinds == {
        "jambonz_sync_calls_started_total": "counter",
        "jambonz_sync_calls_ended_total": "counter",
        "jambonz_sync_calls_live": "gauge",
        "jambonz_sync_reconnects_total": "counter",
        "jambonz_sync_late_acks_total": "counter",
        "jambonz_sync_refused_total": "counter",
    }
    assert set(re.findall(r"^# HELP (\S+) \S+", text, re.MULTILINE)) == set(kinds)


def test_a_call(registry, app):
    """The numbers are those of the moment."""
    register(app.endpoint, registry, name="app")

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.wait_for("call:status")

    jambonz = app.call()
    jambonz.expect_ack()
    assert 'jambonz_sync_calls_live{endpoint="app"} 1.0\n' in page(registry)
    jambonz.hang_up()
    app.outcome()
    eventually(lambda: app.endpoint.counters.live == 0)
    now = numbers(registry)
    assert now["jambonz_sync_calls_started_total", "app"] == 1
    assert now["jambonz_sync_calls_ended_total", "app", "caller"] == 1
    assert now["jambonz_sync_calls_live", "app"] == 0


def test_refused(registry):
    """Requests that were refused have their status."""
    endpoint = create_endpoint()
    register(endpoint, registry)
    b"".join(endpoint({"REQUEST_METHOD": "GET", "PATH_INFO": "/nowhere"}, lambda status, headers: None))
    assert 'jambonz_sync_refused_total{endpoint="",status="404"} 1.0\n' in page(registry)


def test_several_endpoints(registry):
    """They share the names, and differ by a label; each registry has its own."""
    sales, support = create_endpoint(), create_endpoint()
    register(sales, registry, name="sales")
    register(support, registry, name="support")
    started = [labels for name, *labels in numbers(registry) if name == "jambonz_sync_calls_started_total"]
    assert started == [["sales"], ["support"]]
    other = CollectorRegistry(auto_describe=True)
    register(sales, other)
    assert ("jambonz_sync_calls_started_total", "") in numbers(other)


def test_the_same_name_twice(registry):
    """It would be one number for two things."""
    first, second = create_endpoint(), create_endpoint()
    register(first, registry)
    with pytest.raises(ValueError, match="'' is registered already"):
        register(second, registry)
    register(second, registry, name="second")


def test_an_endpoint_that_is_no_more(registry):
    """Nothing is kept alive by its numbers; its name is free again."""
    register(create_endpoint(), registry, name="short")
    gc.collect()
    assert "short" not in page(registry)
    again = create_endpoint()
    register(again, registry, name="short")
    assert "short" in page(registry)


def test_names_that_somebody_else_has(registry):
    """A registry that refuses them is not remembered as one that has them."""

    class Other:
        def collect(self):
            from prometheus_client.core import GaugeMetricFamily

            return [GaugeMetricFamily("jambonz_sync_calls_live", "Mine.", value=1)]

    other = Other()
    registry.register(other)
    endpoint = create_endpoint()
    with pytest.raises(ValueError, match="Duplicated"):
        register(endpoint, registry)
    registry.unregister(other)
    register(endpoint, registry)
    assert 'jambonz_sync_calls_live{endpoint=""}' in page(registry)


def test_the_registry_of_prometheus_client():
    """It is the one that is used where none is named."""
    endpoint = create_endpoint()
    register(endpoint, name="default")
    assert 'jambonz_sync_calls_live{endpoint="default"} 0.0' in page(REGISTRY)


def test_import():
    """Nothing else of the library imports prometheus-client."""
    check = "import sys, jambonz_sync; assert 'prometheus_client' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)
