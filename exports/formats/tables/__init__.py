"""Formats of tables: Parquet and CSV."""
