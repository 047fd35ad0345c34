"""Sound that covers the application's thinking."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Required, TypedDict

from .markers import Doc

__all__ = ["FillerNoise"]


class FillerNoise(TypedDict, total=False):
    """Audio played while jambonz waits for the answer to a gather's hook."""

    enable: Required[Annotated[bool, Doc("Play it, or no longer.")]]
    url: Annotated[str, Doc("URL of the audio; needed when `enable` is true.")]
    start_delay_secs: Annotated[float, Doc("How long to wait before it begins, in seconds.")]
