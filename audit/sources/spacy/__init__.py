"""Marked words of texts, a text a line: Labeltrail's spaCy JSONL, spaCy's own documents (`Doc.to_json`), Prodigy's.

It knows nothing of an ontology or of versions; only Prodigy says who marked a text, and when.
"""
