"""What formats of labels have in common: which labels, their shapes, names and classes."""
