"""Tests of what holds a conversation."""
