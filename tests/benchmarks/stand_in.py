"""A rival that is always there: it checks nothing, and is a module of the standard library."""

from __future__ import annotations

from benchmarks.side import Side, Way

__all__ = ["side"]


def side() -> Side:
    """Return the rival."""
    turns = {"plain": lambda: [{"verb": "say"}], "typical": lambda: [{"verb": "say"}, {"verb": "gather"}]}
    first_turn = "import fractions; fractions.Fraction(1, 2)"
    return Side("stand-in", "fractions", first_turn, [Way("by hand", turns), Way("by heart", turns)], ["pytest"])
