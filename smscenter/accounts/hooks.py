"""Register what accounts adds to the worker and the navigation."""

from smscenter.accounts.destinations import (
    Destination,
    destinations,
    is_anyone,
    is_member,
    is_staff,
)
from smscenter.accounts.retention import delete_old_sign_ins
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(delete_old_sign_ins, every=EVERY))

destinations.register(Destination("home", "Home", "home", key="h", place=10, is_for=is_member))
destinations.register(
    Destination("admin:index", "Admin", "building-office", place=80, is_for=is_staff)
)
destinations.register(Destination("profile", "Profile", "user-circle", key="p", is_for=is_anyone))
destinations.register(Destination("settings", "Settings", "cog-6-tooth", key="t", place=75))
destinations.register(
    Destination("shortcuts", "Keyboard shortcuts", "command-line", is_for=is_anyone)
)
