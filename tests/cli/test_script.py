from __future__ import annotations

import logging
import socket
import sys
import threading

import pytest

from jambonz_sync import Endpoint
from jambonz_sync.cli.script import ScriptError, file_of, load
from tests.test_readme import blocks

MAKE = """\
from jambonz_sync import create_endpoint
endpoint = create_endpoint(host="127.0.0.1", port=0)
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a script; returns its path. What loading it leaves behind is taken back."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = dict(sys.modules)

    def write(text, name="app.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    yield write
    for name in [name for name in sys.modules if name not in before]:
        del sys.modules[name]


# Loading without serving


def test_guarded(script):
    """A script that serves only when it is run by Python is loaded to its end."""
    path = script(MAKE + "if __name__ == '__main__':\n    endpoint.serve_forever()\ndone = True\n")
    loaded = load(path)
    assert isinstance(loaded.endpoint, Endpoint)
    assert loaded.service is None
    assert str(loaded.path) == path
    assert sys.modules["app"].done


def test_the_first_example_of_the_readme(script):
    """A script that ends in serve_forever() is stopped there: nothing is served, nothing blocks."""
    loaded = load(script(blocks("python")[0]))
    assert loaded.endpoint.find_service("/bakery") is not None
    assert "jambonz_sync listener" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("begin", ["endpoint.start()", "with endpoint: pass", "endpoint.serve_forever()"])
def test_whatever_listens_stops_it(script, begin):
    """It is stopped where it would begin to listen, in whatever way, and what stands behind is not run."""
    loaded = load(script(f"{MAKE}{begin}\nassert False\n"))
    assert isinstance(loaded.endpoint, Endpoint)


def test_serving_in_a_function(script):
    """The endpoint that would be served is found, even if no variable of the script holds it."""
    path = script(
        "from jambonz_sync import create_endpoint\n"
        "def main():\n    endpoint = create_endpoint()\n"
        "    endpoint.make_service('/found')\n    endpoint.serve_forever()\n"
        "try:\n    main()\nexcept Exception:\n    assert False\n"
    )
    assert load(path).endpoint.paths == ("/found",)


def test_the_endpoint_listens_afterwards(script):
    """What was loaded can be started, and stopped, as ever; also by a thread that was there before."""
    loaded = load(script(MAKE + "endpoint.serve_forever()"))
    with loaded.endpoint as endpoint, socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2]))):
        pass


def test_several_of_which_one_is_served(script):
    """Of several endpoints the one the script would serve is meant."""
    path = script(f"{MAKE}other = create_endpoint(port=0)\nother.serve_forever()\n")
    assert load(path).endpoint is sys.modules["app"].other


# How it is run


def test_its_folder_is_on_the_path(script):
    """A script imports the files beside it; and they may import from it, by its name."""
    script("name = 'menu'\ndef look():\n    import app\n    return app.endpoint\n", "menu.py")
    loaded = load(script(f"import menu\n{MAKE}assert menu.look() is endpoint\n"))
    assert isinstance(loaded.endpoint, Endpoint)


def test_its_arguments(script):
    """It sees itself as its only argument, not the command line it was loaded by."""
    before = sys.argv
    load(script(f"import sys\nassert sys.argv == [__file__]\n{MAKE}"))
    assert sys.argv is before


def test_a_name_that_is_taken(script):
    """A script with the name of a module that is there already does not take its place."""
    load(script(MAKE, "logging.py"))
    assert sys.modules["logging"] is logging


def test_a_name_that_is_none(script):
    """A file may have any name, also one that does not end in .py."""
    assert isinstance(load(script(MAKE, "my-app")).endpoint, Endpoint)


def test_changed_within_a_second(script):
    """What is run is what the file says, and never what it said a moment ago."""
    for name in ("first", "other"):
        path = script(f"{MAKE}{name} = 1\n")
        load(path)
        assert name in vars(sys.modules.pop("app"))


# By name


def test_an_endpoint_by_name(script):
    """Behind a colon stands which endpoint is meant."""
    path = script(f"{MAKE}other = create_endpoint(port=0)\n")
    assert load(f"{path}:other").endpoint is sys.modules["app"].other


def test_a_service_by_name(script):
    """It may also be a service: then its endpoint is meant, and the service is told."""
    path = script(f"{MAKE}echo = endpoint.make_service(path='/echo')\n")
    loaded = load(f"{path}:echo")
    assert loaded.service is not None
    assert (loaded.service.path, loaded.service.endpoint) == ("/echo", loaded.endpoint)


def test_only_services(script):
    """Where there are services but no endpoint among the variables, theirs is meant."""
    path = script(f"{MAKE}echo = endpoint.make_service(path='/echo')\nhello = endpoint.make_service('/hello')\n")
    path = script("from app import echo, hello\n", "main.py")
    assert load(path).endpoint is sys.modules["app"].endpoint


def test_two_names_for_one(script):
    """One endpoint under two names is one."""
    assert isinstance(load(script(f"{MAKE}app = endpoint\n")).endpoint, Endpoint)


@pytest.mark.parametrize(
    ("more", "spec", "text"),
    [
        ("b = create_endpoint()\n", "", "app.py has the endpoints b and endpoint: name the one you mean, app.py:b"),
        ("del endpoint\n", "", "app.py has no endpoint: make one outside of all functions"),
        ("", ":app", "app.py has no endpoint or service app; it has endpoint"),
        ("s = endpoint.make_service('/')\nx = 1\n", ":x", "x in app.py is no endpoint and no service, but 1; it has"),
        ("del endpoint\n", ":app", "app.py has no endpoint or service app; it has none at all"),
    ],
)
def test_what_is_not_there(script, more, spec, text):
    """Where it is not clear what is meant, the names that there are are listed."""
    with pytest.raises(ScriptError) as raised:
        load(script(MAKE + more) + spec)
    assert str(raised.value).startswith(text)


# What cannot be loaded


def test_no_file(tmp_path, script):
    """A file that is not there is named, with what was perhaps meant."""
    script("")
    with pytest.raises(ScriptError, match=r"there is no file .*other\.py, seen from /"):
        load(str(tmp_path / "other.py"))
    with pytest.raises(ScriptError, match=r"there is no file .*app; did you mean .*app\.py\?"):
        load(str(tmp_path / "app:endpoint"))
    with pytest.raises(ScriptError, match=r"is a folder: name the script in it, such as .*app\.py"):
        file_of(str(tmp_path))


def test_a_colon_in_the_name(script):
    """A colon with what cannot be a variable behind it belongs to the name of the file."""
    path = script(MAKE, "a:b.py")
    assert str(file_of(path)) == path
    assert str(file_of(f"{path}:endpoint")) == path


def test_an_exception(script):
    """An exception is shown with the lines of the user's code, and no others."""
    script("def work():\n    return {}['key']\n", "helper.py")
    with pytest.raises(ScriptError) as raised:
        load(
            script("import helper\ntry:\n    helper.work()\nexcept KeyError as e:\n    raise ValueError('no') from e\n")
        )
    text = str(raised.value)
    assert text.startswith("app.py cannot be loaded:\n\nTraceback (most recent call last):\n")
    assert text.endswith("ValueError: no")
    assert "KeyError: 'key'" in text
    assert "return {}['key']" in text
    assert "script.py" not in text
    assert "importlib" not in text
    assert "app" not in sys.modules


def test_an_exception_of_ours(script):
    """A mistake that the library has found is shown at the line that made it."""
    with pytest.raises(ScriptError) as raised:
        load(script(f"{MAKE}endpoint.make_service(path='echo')\n"))
    assert "line 3, in <module>" in str(raised.value)
    assert str(raised.value).count("  File ") == 1


def test_no_python(script):
    """A file that is no Python is shown with the place where it is none, and without a traceback."""
    with pytest.raises(ScriptError) as raised:
        load(script("endpoint = = 1\n"))
    assert "Traceback" not in str(raised.value)
    assert "endpoint = = 1" in str(raised.value)
    assert "line 1" in str(raised.value)


@pytest.mark.parametrize(("code", "text"), [("'set KEY first'", ": set KEY first"), ("3", " with 3"), ("", " with 0")])
def test_a_script_that_ends_itself(script, code, text):
    """A script that exits is told with what it has said."""
    before = [*sys.path]
    with pytest.raises(ScriptError) as raised:
        load(script(f"import sys\nsys.exit({code})\n"))
    assert str(raised.value) == f"app.py has ended itself while it was being loaded{text}"
    assert sys.path == before
