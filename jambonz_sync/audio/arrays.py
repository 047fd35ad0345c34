"""Sound as numpy has it, where numpy is installed: ``pip install jambonz-sync[numpy]``.

Nothing else here needs numpy, so nothing imports it before an array is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["as_array"]


def as_array(data: bytes, channels: int = 1) -> Any:
    """Return samples as an array of ``int16``: of one dimension, or with a column for each channel.

    ::

        caller = as_array(data, channels=2)[:, 0]

    ``data``: as it comes from jambonz, with whole samples of all channels. The array is a view of it, and cannot be
    written to.

    Raises :exc:`ImportError` where numpy is not installed.
    """
    try:
        numpy = importlib.import_module("numpy")
    except ImportError as error:
        raise ImportError("arrays need numpy: pip install jambonz-sync[numpy]") from error
    samples = numpy.frombuffer(data, dtype="<i2")
    return samples if channels == 1 else samples.reshape(-1, channels)
