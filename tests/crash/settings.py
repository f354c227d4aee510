"""The site's settings for workers that tests start: impatient, and with the runs made for tests."""

import os

from exportsite.settings import *  # noqa: F403
from exportsite.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crash.trial"]
RUN_LEASE, RUN_BEAT, RUN_PATIENCE, RUN_KNOCK, RUN_GRACE = 3.0, 0.3, 3.0, 2.0, 5.0
if "TEST_LEASE" in os.environ:  # For a storm on a machine that has other things to do.
    RUN_LEASE = RUN_KNOCK = float(os.environ["TEST_LEASE"])
RUN_GRACE = float(os.environ.get("TEST_GRACE", RUN_GRACE))
# Less than an operator may set: certainly too little.
REPORT_MEMORY_MIB = int(os.environ.get("TEST_REPORT_MEMORY_MIB", "2048"))
