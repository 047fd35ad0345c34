"""The library under every server that it is said to work under, each in a process of its own."""
