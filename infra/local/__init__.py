"""The shop on one machine: everything behind `make up`, `make test` and their like. Never part of what is deployed."""
