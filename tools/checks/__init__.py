"""What `make test` and its longer companions run."""
