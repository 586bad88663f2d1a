"""The settings of tests: those of the project, with DEBUG, which only development asks for.

Processes that tests start inherit it by the environment. There it can be overridden too.
"""

import os

os.environ.setdefault("DEBUG", "on")

from smscenter.settings import *  # noqa: F403
