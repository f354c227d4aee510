"""The site's settings for tests: a home of their own, and a private PostgreSQL on it unless DATABASE_URL names another.

The address is known before the server runs: conftest starts it when the first test asks for a database. Processes that
tests start, and pytest-xdist's workers, inherit the same home.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from exportsite import postgres

if "LABELTRAIL_TEST_HOME" not in os.environ:
    home = Path(tempfile.mkdtemp(prefix="labeltrail-test-"))
    home.chmod(0o711)  # root's server runs as nobody, who has to come through
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["LABELTRAIL_TEST_HOME"] = os.environ["LABELTRAIL_HOME"] = str(home)
    if not os.environ.get("DATABASE_URL"):
        os.environ["LABELTRAIL_PRIVATE_POSTGRES"] = "1"
        os.environ["DATABASE_URL"] = postgres.address(home)

from exportsite.settings import *  # noqa: F403
from exportsite.settings import INSTALLED_APPS, STATIC_ROOT

# Runs made for tests, and a heart that does not beat within a test's transaction, which its connection can't see.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.crash.trial"]
RUN_LEASE = RUN_BEAT = 3600.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good one takes half a second for each user
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is collected for tests; without it each client warns
