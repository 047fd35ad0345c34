"""What docs/guides/flask.md shows is run here, block by block, and what it claims is compared with what there is."""

from __future__ import annotations

import pathlib
import re

import pytest
from flask import url_for

from jambonz_sync.flask import _CONFIG
from jambonz_sync.settings import Settings
from tests.scenarios.application import no_thread_left
from tests.web_server import serving

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "guides" / "flask.md").read_text(encoding="utf-8")


def run(number):
    """Run a block as a module, and return its names."""
    names = {"__name__": "flask_page"}
    exec(compile(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[number], "flask.md", "exec"), names)
    return names


def test_application(jambonz):
    """The application at the top says back what it hears, at the address that it makes."""
    names = run(0)
    call = jambonz.call(names["jambonz"].endpoint, "/echo")
    assert call.heard("Say something.")
    call.says("hello")
    assert call.heard("You said: hello")
    with names["app"].test_request_context(base_url="https://your-machine/"):
        assert url_for("jambonz:/echo") == "wss://your-machine/echo"


def test_factory_and_its_test(jambonz):
    """The test at the end is one of the factory, and passes."""
    names = run(1)
    exec(compile(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[-1], "flask.md", "exec"), names)
    names["test_hours"](jambonz)


def test_blueprint(log):
    """It answers in the language of its prefix."""
    names = run(2)
    with serving(names["app"], names["jambonz"].endpoint) as site:
        for path, language in (("/en/orders", "en-GB"), ("/de/orders/large", "de-DE")):
            call = site.call(path)
            assert f"'language': '{language}'" in str(call.expect_ack())
        assert site.asks("/en/orders").status == 426
    no_thread_left()
    log.allow("connection lost")
    assert log.unexpected() == []


def test_database(jambonz, tmp_path):
    """A caller is asked for a name once, and known after that."""
    names = run(3)
    app = names["create_app"](f"sqlite:///{tmp_path}/customers.db")
    call = jambonz.call(names["jambonz"].endpoint, "/desk")
    assert call.heard("Who is calling?")
    call.says("Ada")
    assert call.heard("Hello Ada.")
    assert jambonz.call(names["jambonz"].endpoint, "/desk").heard("Hello Ada.")
    with app.app_context():
        names["db"].engine.dispose()


def test_settings():
    """Each key has its row, with the default that it has."""
    rows = re.findall(r"^\| `(JAMBONZ_\w+)` \| (?:`([^`]*)` )?\|", PAGE, re.MULTILINE)
    defaults = Settings()
    assert {key: default or "None" for key, default in rows} == {
        key: repr(getattr(defaults, name)).replace("'", '"') for key, name in _CONFIG.items()
    }


@pytest.mark.parametrize("page", ["flask.md", "web-applications.md"])
def test_links(page):
    """Every link leads to a file of the project, and to a section that is there."""
    text = (ROOT / "docs" / "guides" / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    for link in links:
        file, _, section = link.partition("#")
        target = ROOT / "docs" / "guides" / (file or page)
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE) if section else []
        assert not section or section in [heading.lower().replace(" ", "-") for heading in headings], link
