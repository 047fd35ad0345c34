"""Tests of the guides: what each shows is run, and does what the page says."""
