"""Measures the budgets of docs/performance.md: python -m tests.bench --help."""
