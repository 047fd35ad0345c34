"""Every command and what it takes, described once: what is told to jambonz beside the verbs, while a call goes on."""

from __future__ import annotations

from .build import build_commands
from .registry import COMMANDS, CommandType, find_command

__all__ = ["COMMANDS", "CommandType", "build_commands", "find_command"]
