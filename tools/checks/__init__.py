"""The checks that `make test` and `make prove` run."""
