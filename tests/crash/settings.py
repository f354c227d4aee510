"""The site's settings for workers that tests start: impatient, and with the runs made for tests."""

from exportsite.settings import *  # noqa: F403
from exportsite.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crash.trial"]
RUN_LEASE, RUN_BEAT, RUN_PATIENCE, RUN_KNOCK, RUN_GRACE = 3.0, 0.3, 3.0, 2.0, 5.0
