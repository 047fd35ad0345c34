"""What docstrings tell."""

from __future__ import annotations

import ast

import pytest

from jambonz_sync.manual.docstrings import documented, first_sentence, laid_out, paragraphs
from jambonz_sync.verbs.methods import VerbMethods


def test_an_example_in_the_first_line():
    """The rest is text, without the marks of the documentation's tools."""

    def method() -> None:
        """``session.method("it's `this`")``

        Do what :meth:`other` and :exc:`~package.Error` do
        with ``value``, not :attr:`package.attribute`.

        And more.
        """

    assert documented(method) == (
        'session.method("it\'s `this`")',
        "Do what `other` and `Error` do with `value`, not `package.attribute`.\n\nAnd more.",
    )


def test_an_example_in_a_block():
    """It may be several lines; what stands before and behind it is text."""

    def method() -> None:
        """Do it.

        ::

            if session:
                session.method(1)

            session.method(2)

        ``first``: a number.
        It counts.

        Nothing else.
        """

    assert documented(method) == (
        "if session:\n    session.method(1)\n\nsession.method(2)",
        "Do it.\n\n`first`: a number. It counts.\n\nNothing else.",
    )


def test_a_block_at_the_end():
    """Behind it there need be nothing."""

    def method() -> None:
        """Do it.

        ::

            session.method()"""

    assert documented(method) == ("session.method()", "Do it.")


def test_text_alone():
    """Then there is no example."""

    def method() -> None:
        """Do it ``now``."""

    assert documented(method) == ("", "Do it `now`.")
    assert documented(lambda: None) == ("", "")


def test_paragraphs():
    """Each is a line, however it was broken."""
    assert paragraphs("") == ""
    assert paragraphs("One\n  line.\n  \n\n\nAnother\none.\n") == "One line.\n\nAnother one."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Do it.", "Do it."),
        ("Do it. Then rest.", "Do it."),
        ("Do it; rest.\n\nMore.", "Do it; rest."),
        ("Do it", "Do it."),
        ("Wait 1.5 seconds. Or less.", "Wait 1.5 seconds."),
    ],
)
def test_the_first_sentence(text, sentence):
    """It ends with a full stop."""
    assert first_sentence(text) == sentence


def test_examples_are_laid_out():
    """One that fits stays a line; of a longer one, each argument is a line."""
    example = 'session.pause(1).say("a, b", loop=2, synthesizer={"vendor": "x", "language": "de"})'
    assert laid_out(example, len(example)) == example
    assert laid_out(example, len(example) - 1).splitlines() == [
        "session.pause(1).say(",
        '    "a, b",',
        "    loop=2,",
        '    synthesizer={"vendor": "x", "language": "de"},',
        ")",
    ]
    assert laid_out("something.long", 3) == "something.long"
    assert laid_out("call(1)\ncall(2)", 3) == "call(1)\ncall(2)"


@pytest.mark.parametrize("name", [name for name in vars(VerbMethods) if not name.startswith("_")])
def test_the_layout_changes_nothing(name):
    """The example of every method means the same when it is laid out."""
    example, text = documented(getattr(VerbMethods, name))
    assert ast.dump(ast.parse(laid_out(example, 20))) == ast.dump(ast.parse(example))
    assert text.endswith(".")
    assert "``" not in text
    assert ":meth:" not in text
