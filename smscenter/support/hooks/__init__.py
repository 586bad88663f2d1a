"""What support adds to other apps: to search, the lead page, texts, the worker, and so on.

Each module registers its own. Python imports this package at startup (docs/extend.md).
"""

from smscenter.support.hooks import (  # noqa: F401 - each registers what it adds
    audited,
    erasing,
    exports,
    home,
    jobs,
    lead_page,
    navigation,
    notifications,
    overview,
    sender_numbers,
    vocabulary,
)
