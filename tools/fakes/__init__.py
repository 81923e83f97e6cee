"""Fakes of third parties, written from their documentation and without code shared with the shop."""
