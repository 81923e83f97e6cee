"""Programs that stand in for third parties, written from their documents and sharing no line with the shop."""
