"""The shop on one machine, and its deployment to a real account."""
