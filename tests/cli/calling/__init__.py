"""Tests of the parts of `jambonz-sync call`."""
