"""The tests of jambonz_sync, and what they are made with."""
