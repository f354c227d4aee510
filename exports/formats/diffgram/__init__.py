"""Diffgram's export."""
