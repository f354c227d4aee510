"""The formats of isahit's SDK."""
