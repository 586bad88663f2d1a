"""Settings for tests: the project's, with DEBUG on.

Subprocesses of tests inherit DEBUG from the environment, where it can be overridden.
"""

import os

os.environ.setdefault("DEBUG", "on")

from smscenter.settings import *  # noqa: F403
from smscenter.time_limits import DEFAULTS

SEND_UNDO_SECONDS = 0  # tests don't wait
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
SEARCH_SECONDS = dict.fromkeys(DEFAULTS, 30.0)  # other tests keep the machine busy
