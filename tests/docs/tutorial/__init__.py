"""Tests of the tutorial: each lesson is done from its page, by a reader who does what it says."""
