"""Labelbox's rows."""
