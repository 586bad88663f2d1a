"""What leads add to other apps: to search, the worker, the settings, and so on.

Each module registers its own. Python imports this package at startup (docs/extend.md).
"""

from leads.erasing import files, others, own  # noqa: F401 - what is erased
from leads.hooks import (  # noqa: F401 - each registers what it adds
    audited,
    beginning,
    exports,
    handovers,
    imports,
    jobs,
    lead_page,
    navigation,
    overview,
    roles,
    vocabulary,
)
