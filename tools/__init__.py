"""Programs for developers, by purpose. Nothing here is deployed.

- `local`: the stack on one machine
- `checks`: what `make test` and its longer companions run
- `fakes`: payment providers, messengers, a faulty network
- `environments`: the Python tools, pinned
"""
