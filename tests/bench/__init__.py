"""The budgets of docs/performance.md, measured: python -m tests.bench --help."""
