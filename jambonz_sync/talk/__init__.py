"""Conversation without hook names: questions, menus, music meanwhile, calls put through."""
