"""What docs/guides/application-variables.md shows, with what an operator has saved and has not."""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.request

from jambonz_sync import Endpoint
from tests.cli.process import command, environ
from tests.docs.page import Page

PAGE = Page("guides/application-variables")
SHOP, RETURNS, WRONG = PAGE.blocks("python")
(APP_JSON,) = PAGE.blocks("json")
(CALL,) = PAGE.blocks("console")
(MISSING,) = PAGE.blocks("text")

SAVED = {"SHOP_URL": "https://shop.example.com", "SHOP_KEY": "key"}


def test_what_was_saved_and_defaults(jambonz):
    """A call has both."""
    call = jambonz.call(SHOP.run()["endpoint"], "/shop", env={**SAVED, "PATIENCE": 3})
    assert call.heard("Welcome. Which order?")
    call.says("42")
    assert call.heard("I ask https://shop.example.com for order 42.")
    (gather,) = [verb for verb in call.verbs if verb["verb"] == "gather"]
    assert gather["timeout"] == 3


def test_options():
    """jambonz is told of the five, in its own words."""
    endpoint: Endpoint = SHOP.run()["endpoint"]
    endpoint.listen_at(host="127.0.0.1", port=0)
    with endpoint:
        request = urllib.request.Request(f"http{endpoint.url.removeprefix('ws')}/shop", method="OPTIONS")
        with urllib.request.urlopen(request, timeout=10) as answer:
            schema = json.load(answer)
    assert list(schema) == ["GREETING", "SHOP_URL", "SHOP_KEY", "LANGUAGE", "PATIENCE"]
    assert schema["SHOP_KEY"]["obscure"] is True


def test_the_command(tmp_path):
    """It calls with the variables; the key is not among them, and the log says so."""
    (tmp_path / "app.py").write_text(SHOP.text)
    words = shlex.split(CALL.text.removeprefix("$ jambonz-sync "))
    ran = subprocess.run(
        command(*words), cwd=tmp_path, env=environ(), input="42\n", capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0
    assert "I ask https://shop.example.com for order 42." in ran.stdout
    assert MISSING.text.strip() in ran.stdout + ran.stderr


def test_missing(jambonz, caplog):
    """The log says which are, in the words of the page."""
    jambonz.tolerates("is required and not set")
    call = jambonz.call(SHOP.run()["endpoint"], "/shop", env={"SHOP_URL": "https://shop.example.com"})
    call.hangs_up()
    assert any(MISSING.text.strip() in record.getMessage() for record in caplog.records)


def test_file(jambonz, tmp_path):
    """The common variables and those of the path are there."""
    (tmp_path / "app.json").write_text(APP_JSON.text)
    endpoint = RETURNS.run(__file__=str(tmp_path / "app.py"))["endpoint"]
    assert jambonz.call(endpoint, "/returns").heard("Welcome. You have 30 days.")


def test_a_wrong_definition(raised):
    """It raises, in the words of the page."""
    endpoint = SHOP.run()["endpoint"]
    assert [raised(WRONG, endpoint=endpoint)] == WRONG.errors
