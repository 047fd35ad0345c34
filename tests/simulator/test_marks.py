"""Marks in streamed audio: when they are told, by what, and how many there may be."""

from __future__ import annotations

from jambonz_sync.simulator.marks import MOST_MARKS, Marks

from .sound_booth import SoundBooth


class Marked:
    """A booth with marks."""

    def __init__(self) -> None:
        self.booth = SoundBooth()
        self.marks = Marks(self.booth.course, report=self.booth.report, fault=self.booth.faults.append)

    def told(self, until: float = 60) -> list[tuple[int, str, str]]:
        self.booth.until(until)
        return [(time, *what) for time, what in self.booth.reports]


def test_placed():
    """A mark with audio behind it is told when that begins."""
    marked = Marked()
    marked.marks.add("a", 0.0)
    assert marked.marks.place(0.0) == ["a"]
    marked.marks.come([(0.5, True)])
    assert marked.told() == [(500, "a", "playout")]


def test_loose():
    """Marks with none behind them are told in the frames in which nothing is played, one in each."""
    marked = Marked()
    for name in "ab":
        marked.marks.add(name, 0.5)
    assert marked.told() == [(520, "a", "playout"), (540, "b", "playout")]


def test_loose_behind_placed():
    """They come behind those that have a place."""
    marked = Marked()
    marked.marks.add("a", 0.0)
    marked.marks.place(0.0)
    marked.marks.come([(2.0, True)])
    marked.marks.add("b", 3.0)
    assert marked.told() == [(2000, "a", "playout"), (3020, "b", "playout")]


def test_loose_behind_one_that_never_comes():
    """If the place is never played they do not come either."""
    marked = Marked()
    marked.marks.add("a", 0.0)
    marked.marks.place(0.0)
    marked.marks.add("b", 0.0)
    assert marked.told() == []


def test_sample_that_passes_for_a_mark():
    """A sample of the value -1 is taken for the mark that was set first; all others then come too early."""
    marked = Marked()
    for name in "ab":
        marked.marks.add(name, 0.0)
    marked.marks.place(0.0)
    marked.marks.come([(0.5, False), (1.0, True), (1.0, True)])
    assert marked.told() == [(500, "a", "playout"), (1000, "b", "playout")]
    assert marked.booth.faults == ["a sample of the value -1 passed for the mark 'a'; send 0 in its place"]


def test_sample_before_any_mark():
    """One that is played while no mark has a place is sound like any other."""
    marked = Marked()
    marked.marks.come([(0.5, False)])
    marked.marks.add("a", 0.6)
    marked.booth.until(0.55)
    marked.marks.place(0.55)
    marked.marks.come([(0.6, True)])
    assert marked.told() == [(600, "a", "playout")]
    assert marked.booth.faults == []


def test_too_many():
    """Of more than thirty the rest is dropped, wherever the others stand; there is room again when one is told."""
    marked = Marked()
    for number in range(MOST_MARKS):
        marked.marks.add(str(number), 0.0)
    marked.marks.place(0.0)
    marked.marks.add("more", 0.0)
    assert marked.booth.faults == ["the mark 'more' is dropped: 30 are outstanding"]
    marked.marks.come([(1.0, True)])
    marked.booth.until(1)
    marked.marks.add("later", 1.0)
    assert len(marked.booth.faults) == 1


def test_clear():
    """When what was to be played is dropped, all marks are told in order, and what was in the audio is gone."""
    marked = Marked()
    marked.marks.add("a", 0.0)
    marked.marks.place(0.0)
    marked.marks.come([(1.0, True), (1.5, False)])
    marked.marks.add("b", 2.0)
    marked.booth.until(0.5)
    marked.marks.clear()
    marked.marks.add("c", 0.5)
    marked.marks.place(0.5)
    assert marked.told() == [(500, "a", "cleared"), (500, "b", "cleared")]


def test_forget():
    """Marks that are forgotten are told to nobody; what passes for a mark still does."""
    marked = Marked()
    marked.marks.add("a", 0.0)
    marked.marks.place(0.0)
    marked.marks.come([(1.0, True), (1.5, False)])
    marked.marks.add("b", 2.0)
    marked.marks.forget()
    marked.marks.add("c", 2.0)
    marked.marks.place(0.5)
    assert marked.told() == [(1500, "c", "playout")]


def test_stop():
    """When it is over nothing is told."""
    marked = Marked()
    marked.marks.stop()
    marked.marks.add("a", 0.0)
    marked.marks.stop()
    assert marked.told() == []
