from __future__ import annotations

import math

import pytest

from benchmarks.comparison import Comparison
from benchmarks.table import columns, placed, quantity, render

MEASURED = {
    "python": "CPython 3.11.7",
    "system": "Linux x86_64",
    "cores": 2,
    "pinned_to_core": 1,
    "packages": {"rival": "0.4.0", "other": None},
    "rounds": 3,
}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8.1234e-6, "s", "8.12 µs"),
        (1.5e-9, "s", "0.00150 µs"),
        (0.012345, "s", "12.3 ms"),
        (0.9999, "s", "1,000 ms"),
        (2.0, "s", "2.00 s"),
        (1234.5, "s", "1,234 s"),
        (-0.002, "s", "-2.00 ms"),
        (0.0, "s", "0.00 µs"),
        (14.5 * 2**20, "B", "14.5 MiB"),
        (3000.0, "B", "2.93 KiB"),
        (12.0, "B", "12.0 B"),
        (0.00228, "", "0.00228"),
        (0.93441, "", "0.934"),
        (1.0, "", "1.00"),
        (math.inf, "", "too small to tell"),
    ],
)
def test_quantity(value: float, unit: str, text: str) -> None:
    """Three digits that count, in the unit that suits the size."""
    assert quantity(value, unit) == text


@pytest.mark.parametrize(("value", "like", "text"), [(0.0009, 0.002, "0.900"), (0.0021, 0.0009, "2,100")])
def test_quantity_on_the_scale_of_another(value: float, like: float, text: str) -> None:
    """Numbers beside each other have the same unit, which is said once."""
    assert quantity(value, "s", like) == text


def test_columns() -> None:
    """As wide as the widest cell, numbers to the right, and nothing at the ends of lines."""
    table = columns([["what", "µs", ""], ["a", "1.00", "met"], ["long name", "10", ""]], right=[1])
    assert table.splitlines() == [
        "what         µs",
        "---------  ----  ---",
        "a          1.00  met",
        "long name    10",
    ]


def test_columns_of_uneven_rows() -> None:
    """A cell that is missing is a mistake."""
    with pytest.raises(ValueError, match="shorter"):
        columns([["a", "b"], ["c"]])


def test_render() -> None:
    """Ratios first, then figures, ours once for each thing measured; then the machine, and the goals."""
    comparisons = [
        Comparison.of("turn", "fast way", [2e-6, 2e-6, 4e-6], [4e-6, 4e-6, 8e-6], goal=0.1),
        Comparison.of("turn", "slow way", [2e-6, 2e-6, 4e-6], [4e-3, 4e-3, 4e-3], goal=0.1),
        Comparison.of("memory", "rival", [2.0**20], [2.0**21], unit="B"),
    ]
    assert render(comparisons, MEASURED, ours="ours", theirs="rival") == "\n".join(
        [
            "ours divided by rival: medians of the ratios within each round; less is better",
            "",
            "        against      ratio      half of them in   goal",
            "------  --------  --------  -------------------  -----  ------",
            "turn    fast way     0.500        0.500 … 0.500  < 0.1  missed",
            "turn    slow way  0.000500  0.000500 … 0.000750  < 0.1  met",
            "memory  rival        0.500        0.500 … 0.500",
            "",
            "What they are made of",
            "",
            "                    median  half of them in",
            "------  --------  --------  ---------------",
            "turn    ours       2.00 µs      2.00 … 3.00",
            "        fast way   4.00 µs      4.00 … 6.00",
            "        slow way   4.00 ms      4.00 … 4.00",
            "memory  ours      1.00 MiB      1.00 … 1.00",
            "        rival     2.00 MiB      2.00 … 2.00",
            "",
            "3 rounds, CPython 3.11.7, Linux x86_64, 2 cores, pinned to number 1, with",
            "  rival 0.4.0",
            "  other (not installed)",
            "",
            "Goals: 1 met, 1 missed",
        ]
    )


def test_render_without_pinning_and_goals() -> None:
    """What was not done, and what was not wanted, is said too."""
    text = render(
        [Comparison.of("turn", "way", [1.0], [2.0])],
        {**MEASURED, "cores": 1, "pinned_to_core": None},
        ours="ours",
        theirs="rival",
    )
    assert "1 core, not pinned to one of them, with" in text
    assert text.endswith("\n\nNo goals")


def test_render_what_cannot_be_told() -> None:
    """A rival that was lost in the noise has no ratio, and says so."""
    assert "too small to tell" in render(
        [Comparison.of("turn", "way", [1.0], [0.0], goal=0.1)], MEASURED, ours="ours", theirs="rival"
    )


@pytest.mark.parametrize(
    ("servers", "others", "text"),
    [
        (None, None, "2 cores, no core of their own, with"),
        (1, None, "2 cores, servers on core 1, the callers on the same, with"),
        (1, 0, "2 cores, servers on core 1, callers on core 0, with"),
    ],
)
def test_placed(servers: int | None, others: int | None, text: str) -> None:
    """It is said who was on which core, and who was in whose way."""
    measured = {**MEASURED, "pinned_to_core": servers, "seconds": 2.5}
    lines = placed(measured, others, same="the callers", apart="callers").splitlines()
    assert lines[0] == f"3 rounds of 2.5 s, CPython 3.11.7, Linux x86_64, {text}"
    assert lines[1:] == ["  rival 0.4.0", "  other (not installed)"]
