"""Settings for tests: the project's, with DEBUG on.

Subprocesses of tests inherit DEBUG from the environment, where it can be overridden.
"""

import os

os.environ.setdefault("DEBUG", "on")

from smscenter.database.time_limits import DEFAULTS
from smscenter.settings import *  # noqa: F403

SEND_UNDO_SECONDS = 0  # tests don't wait
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
SEARCH_SECONDS = dict.fromkeys(DEFAULTS, 30.0)  # other tests keep the machine busy
