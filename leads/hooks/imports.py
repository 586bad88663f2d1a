"""What people can import here: leads."""

from leads.imports.kinds import import_kinds
from leads.imports.leads import KIND

import_kinds.register(KIND)
