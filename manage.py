#!/usr/bin/env python
"""Labeltrail's commands: `python manage.py help` lists them."""

import sys

from exportsite import launch

if __name__ == "__main__":
    launch.run(sys.argv)
