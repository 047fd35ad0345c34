"""Who may connect, by user name and password."""

from __future__ import annotations

import base64
import functools
import hmac

import pytest

from jambonz_sync import basic_auth
from jambonz_sync.basic_auth import admits, checked

PAIR = ("jambonz", "s3cret")


def header(credentials: str | bytes, scheme: str = "Basic") -> str:
    """An ``Authorization`` header."""
    raw = credentials.encode() if isinstance(credentials, str) else credentials
    return f"{scheme} {base64.b64encode(raw).decode()}"


class TestChecked:
    def test_what_it_can_be(self):
        """``None``, a pair, be it a list, and whatever can be called."""
        assert checked(None) is None
        assert checked(PAIR) == PAIR
        assert checked(list(PAIR)) == PAIR
        for function in (lambda user, password: True, functools.partial(print), dict):
            assert checked(function) is function

    @pytest.mark.parametrize("auth", ["s3cret:", ("s3cret",), ("s3cret", None), ("s3cret", b""), ("s3cret", "", ""), 7])
    def test_what_it_cannot_be(self, auth):
        """The error says what to write, and does not tell the password."""
        with pytest.raises(TypeError, match=r'a pair \("user", "password"\), or a function') as raised:
            checked(auth)
        assert "s3cret" not in str(raised.value)

    def test_async(self):
        """An async function would let everybody in, so it is refused, an object's too."""

        async def check(user, password):
            return False

        class Check:
            async def __call__(self, user, password):
                return False

        for auth in (check, functools.partial(check), Check(), Check().__call__):
            with pytest.raises(TypeError, match="async"):
                checked(auth)

    def test_a_colon_in_the_user_name(self):
        """It could not be told from the one before the password. In a password it may be."""
        with pytest.raises(ValueError, match="colon") as raised:
            checked(("user:s3cret", "s3cret"))
        assert "s3cret" not in str(raised.value)
        assert checked(("user", "s3:cret")) == ("user", "s3:cret")


class TestAdmits:
    @pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
    def test_right(self, scheme):
        """The right pair is admitted, whatever the case of the scheme."""
        assert admits(PAIR, header("jambonz:s3cret", scheme))

    @pytest.mark.parametrize(
        "credentials",
        [
            "jambonz:wrong",
            "wrong:s3cret",
            "wrong:wrong",
            ":",
            "jambonz:",
            ":s3cret",
            "jambonz:s3cret2",
            "JAMBONZ:s3cret",
        ],
    )
    def test_wrong(self, credentials):
        """Anything else is not."""
        assert not admits(PAIR, header(credentials))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Basic",
            "Basic ",
            "jambonz:s3cret",
            "Basic jambonz:s3cret",
            header("jambonz:s3cret", "Bearer"),
            header("jambonz:s3cret", "Digest"),
            header("jambonz"),
            header(b"jambonz:\xff"),
            header("jambonz:s3cret").rstrip("=") + "!",
            header("jambonz:s3cret") + ", " + header("jambonz:s3cret"),
            "Basic \xe9\xe9\xe9\xe9",
        ],
    )
    def test_no_credentials(self, text):
        """What cannot be read is not admitted, and never reaches a function."""
        assert not admits(PAIR, text)
        assert not admits(lambda user, password: pytest.fail("asked"), text)

    def test_beyond_ascii(self):
        """Names and passwords are UTF-8; a password may have colons."""
        assert admits(("j\u00f6rg", "\u20ac:\u20ac"), header("j\u00f6rg:\u20ac:\u20ac"))

    @pytest.mark.parametrize(
        ("answer", "admitted"), [(True, True), (False, False), (None, False), (1, True), ("", False)]
    )
    def test_function(self, answer, admitted):
        """A function is given user and password, and what it returns counts as true or false."""
        asked = []

        def check(user, password):
            asked.append((user, password))
            return answer

        assert admits(check, header("jambonz:s3cret")) is admitted
        assert asked == [("jambonz", "s3cret")]

    @pytest.mark.parametrize("credentials", ["jambonz:s3cret", "wrong:s3cret", "jambonz:wrong", "wrong:wrong"])
    def test_both_are_compared(self, monkeypatch, credentials):
        """Always, and in constant time: the time it takes must not tell that the name was right."""
        compared = []

        class Hmac:
            @staticmethod
            def compare_digest(one, other):
                compared.append({one, other})
                return hmac.compare_digest(one, other)

        monkeypatch.setattr(basic_auth, "hmac", Hmac)
        assert admits(PAIR, header(credentials)) is (credentials == "jambonz:s3cret")
        assert compared == [
            {one.encode(), other.encode()} for one, other in zip(PAIR, credentials.split(":"), strict=True)
        ]
