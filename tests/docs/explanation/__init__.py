"""Tests of the explanation: what its pages show is run, and what they claim is tried."""
