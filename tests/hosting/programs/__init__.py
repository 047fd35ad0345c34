"""What the servers run: one application, made and mounted in the ways that there are."""
