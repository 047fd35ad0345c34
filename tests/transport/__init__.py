"""The tests of `jambonz_sync.transport`."""
