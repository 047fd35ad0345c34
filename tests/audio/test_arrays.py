"""Sound as numpy has it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jambonz_sync.audio.arrays import as_array


def test_without_numpy(monkeypatch):
    """Without numpy it is said how to have it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match=r"jambonz-sync\[numpy\]"):
        as_array(b"")


def test_arrays():
    """Samples have one dimension, or a column for each channel."""
    pytest.importorskip("numpy")
    assert as_array(b"\1\0\xff\xff").tolist() == [1, -1]
    assert as_array(b"\1\0\xff\xff", 2).tolist() == [[1, -1]]
    assert as_array(b"", 2).shape == (0, 2)


def test_import():
    """Nothing imports numpy, or the server, before it is needed."""
    code = "import sys, jambonz_sync.audio; print({'numpy', 'websocket_server', 'flask', 'pytest'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
