"""Functions that a language model may call: how they are registered, found, and given their arguments."""

from __future__ import annotations

import functools
import sys
import threading
from typing import Any, cast

import pytest

from jambonz_sync.session import Session
from jambonz_sync.tools import Tool, Toolbox, WrongArguments, name_of

SESSION = cast(Session, object())


@pytest.fixture
def smallest_switch_interval():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def get_weather(city, day="today", *, in_fahrenheit=False):
    """A function as an application has it."""
    return city, day, in_fahrenheit


def look_up(order_id):
    """Another."""
    return order_id


def arguments(function: Any, **given: Any) -> dict[str, Any]:
    """The arguments a function gets for those of the model."""
    return Tool("get_weather", function).arguments(given, SESSION)


def refused(function: Any, **given: Any) -> str:
    """What the model is told that has called wrongly."""
    with pytest.raises(WrongArguments) as caught:
        arguments(function, **given)
    return str(caught.value)


class TestArguments:
    def test_by_name(self):
        """The model's arguments go to the parameters of their names."""
        assert arguments(get_weather, city="Ghent", day="friday") == {"city": "Ghent", "day": "friday"}

    @pytest.mark.parametrize("key", ["in_fahrenheit", "inFahrenheit", "InFahrenheit", "infahrenheit"])
    def test_spelling(self, key):
        """Models are told of camelCase as often as of snake_case."""
        assert arguments(get_weather, **{"city": "Ghent", key: True}) == {"city": "Ghent", "in_fahrenheit": True}

    @pytest.mark.parametrize("key", ["orderId", "order_id"])
    def test_parameter_in_camel_case(self, key):
        """So are the functions of some; jambonz turns a few models' arguments into snake_case."""

        def look_up(orderId): ...

        assert arguments(look_up, **{key: "42"}) == {"orderId": "42"}

    def test_exact_spelling_first(self):
        """Of two parameters that differ by their spelling alone, each gets its own."""

        def both(order_id, orderId): ...

        assert arguments(both, orderId=1, order_id=2) == {"orderId": 1, "order_id": 2}

    def test_values_are_left_alone(self):
        """Only the names of the arguments are matched; what is in them is the model's."""
        assert arguments(get_weather, city={"postCode": None}) == {"city": {"postCode": None}}

    def test_missing(self):
        """What is missing is named, but for what has a default."""

        def look_up(order_id, customer_id, item=None): ...

        assert refused(get_weather) == "get_weather needs city"
        assert refused(look_up, item=1) == "get_weather needs order_id and customer_id"

    def test_unknown(self):
        """What a function does not take is named, with what it takes."""

        def hang_up(session): ...

        assert refused(get_weather, town="Ghent") == (
            "get_weather has no argument town; it takes city, day and in_fahrenheit"
        )
        assert refused(hang_up, now=True) == "get_weather has no argument now"

    def test_twice(self):
        """One parameter cannot have two values."""
        assert refused(get_weather, city="Ghent", inFahrenheit=True, in_fahrenheit=False) == (
            "get_weather got in_fahrenheit twice"
        )

    def test_all_others(self):
        """A function with ``**`` takes whatever the model says, as it is spelled."""

        def log(level, **facts): ...

        assert arguments(log, Level=1, orderId=2) == {"level": 1, "orderId": 2}

    @pytest.mark.parametrize("default", [True, False])
    def test_session(self, default):
        """A parameter called ``session`` gets the session, wherever it stands and whether or not it has a default."""

        def transfer(department, session): ...

        def transfer_or_not(department, *, session=None): ...

        function = transfer_or_not if default else transfer
        assert arguments(function, department="sales") == {"department": "sales", "session": SESSION}

    def test_session_of_the_model(self):
        """A model cannot put something else in its place."""

        def transfer(session, department="sales"): ...

        def anything(session, **facts): ...

        assert refused(transfer, session="mine") == "get_weather has no argument session; it takes department"
        assert arguments(anything, session="mine") == {"session": SESSION}

    def test_no_session(self):
        """One that does not ask for it does without."""
        assert "session" not in arguments(get_weather, city="Ghent")
        assert arguments(lambda **facts: None) == {}


class TestTool:
    def test_attributes(self):
        """It is a function and a name."""
        tool = Tool("weather", get_weather)
        assert (tool.name, tool.function) == ("weather", get_weather)

    def test_methods_and_partials(self):
        """Whatever can be called by name is a function."""

        class Desk:
            def look_up(self, order_id): ...

            def __call__(self, order_id): ...

        assert arguments(Desk().look_up, orderId=1) == {"order_id": 1}
        assert arguments(Desk(), orderId=1) == {"order_id": 1}
        assert arguments(functools.partial(get_weather, day="friday"), city="Ghent") == {"city": "Ghent"}
        assert arguments(lambda *rest, city: None, city="Ghent") == {"city": "Ghent"}

    def test_arguments_without_names(self):
        """A model gives arguments by name, so what has none cannot be given."""

        def look_up(order_id, /): ...

        with pytest.raises(TypeError, match="the tool x gets its arguments by name, but order_id has none"):
            Tool("x", look_up)

    def test_arguments_unknown(self):
        """A function that does not tell its arguments is refused."""

        class Secretive:
            __signature__ = "none of your business"

            def __call__(self): ...

        with pytest.raises(TypeError, match="the tool x needs a function with known arguments"):
            Tool("x", Secretive())

    @pytest.mark.parametrize("function", ["text", 7, None])
    def test_no_function(self, function):
        """So is what is none."""
        with pytest.raises(TypeError, match="the tool x needs a function with known arguments, not "):
            Tool("x", function)

    def test_async(self):
        """So is one that would have to be awaited."""

        async def look_up(order_id): ...

        with pytest.raises(TypeError, match="the tool x must be a plain function: nothing here awaits an async one"):
            Tool("x", look_up)

    @pytest.mark.parametrize("name", ["", 7, None])
    def test_no_name(self, name):
        """So is one without a name."""
        with pytest.raises(TypeError, match="a tool needs a name, not "):
            Tool(name, get_weather)


class TestNameOf:
    def test_function(self):
        """A function has a name."""
        assert name_of(get_weather) == "get_weather"
        assert name_of(Toolbox().add) == "add"

    @pytest.mark.parametrize("function", [lambda: None, functools.partial(get_weather), Toolbox()])
    def test_without(self, function):
        """What has none that a model could use must be given one."""
        with pytest.raises(TypeError, match=r'a model calls functions by name, and .* has none: .* tool\("name", fn\)'):
            name_of(function)


class TestToolbox:
    def test_empty(self):
        """An empty one is false, and finds nothing."""
        toolbox = Toolbox()
        assert not toolbox
        assert list(toolbox) == []
        with pytest.raises(WrongArguments, match="there is no function get_weather"):
            toolbox.find("get_weather")

    def test_add(self):
        """A function is found by its name; a second one of the name takes the place of the first."""
        toolbox = Toolbox()
        toolbox.add("weather", look_up)
        toolbox.add("weather", get_weather)
        assert toolbox
        assert list(toolbox) == ["weather"]
        assert toolbox.find("weather").function is get_weather

    @pytest.mark.parametrize("name", [None, 7, [], ""])
    def test_odd_name(self, name):
        """Whatever the model calls, nothing breaks."""
        toolbox = Toolbox()
        toolbox.add("weather", get_weather)
        with pytest.raises(WrongArguments, match="there is no function"):
            toolbox.find(name)

    def test_around(self):
        """What is not in one is looked for in the one around it, which may grow later."""
        outer = Toolbox()
        inner = Toolbox(outer)
        assert not inner
        outer.add("weather", get_weather)
        outer.add("lookup", look_up)
        inner.add("lookup", get_weather)
        assert inner
        assert set(inner) == {"weather", "lookup"}
        assert inner.find("weather").function is get_weather
        assert inner.find("lookup").function is get_weather
        assert outer.find("lookup").function is look_up
        with pytest.raises(WrongArguments):
            inner.find("other")

    def test_only_around(self):
        """One with nothing of its own is true if the one around it is."""
        outer = Toolbox()
        outer.add("weather", get_weather)
        assert Toolbox(outer)

    def test_refused(self):
        """What cannot be called is not added."""
        toolbox = Toolbox()
        with pytest.raises(TypeError):
            toolbox.add("weather", "text")
        assert not toolbox

    def test_clear(self):
        """A toolbox that is cleared has none of its own any more; those around it are left alone."""
        service = Toolbox()
        service.add("look_up", look_up)
        toolbox = Toolbox(service)
        toolbox.add("get_weather", get_weather)
        toolbox.clear()
        assert list(toolbox) == ["look_up"]
        toolbox.add("get_weather", get_weather)
        assert list(toolbox) == ["get_weather", "look_up"]

    def test_while_it_is_looked_through(self):
        """A function may be added while another thread goes through the names."""
        toolbox = Toolbox()
        toolbox.add("first", look_up)
        names = iter(toolbox)
        assert next(names) == "first"
        toolbox.add("second", look_up)
        assert list(names) == []
        assert list(toolbox) == ["first", "second"]

    def test_from_several_threads(self, smallest_switch_interval):
        """None is lost that is added at the same time."""
        toolbox = Toolbox()
        start = threading.Barrier(4)

        def add(letter):
            start.wait(10)
            for number in range(200):
                toolbox.add(f"{letter}{number}", get_weather)

        threads = [threading.Thread(target=add, args=(letter,)) for letter in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert len(list(toolbox)) == 800
