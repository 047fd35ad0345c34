"""Tests of audio, both ways."""
