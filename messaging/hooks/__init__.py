"""What messaging adds to other apps: to search, the lead page, the worker, and so on.

Each module registers its own. Python imports this package at startup (docs/extend.md).
"""

from messaging.hooks import (  # noqa: F401 - each registers what it adds
    audited,
    beginning,
    checks,
    closing,
    erasing,
    exports,
    handovers,
    home,
    imports,
    jobs,
    leads,
    navigation,
    notifications,
    overview,
    roles,
    shipped,
    suggestions,
    vocabulary,
)
