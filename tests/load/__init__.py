"""Many calls through every server that the library is said to work under; ``python -m tests.load`` runs it."""
