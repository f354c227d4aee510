"""Measurements, as ratios within one run on one machine: `make bench`, or one file at a time."""
