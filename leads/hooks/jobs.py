"""What the worker does for leads: long changes, imports, erasures, and retention."""

from leads.changing.bulk_changes import work_on_all
from leads.changing.deleting import delete_old
from leads.changing.merging import delete_merged
from leads.changing.removing import delete_removed
from leads.erasing.work import work_on_all as erase_all
from leads.imports import retention
from leads.imports import work as imports
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(work_on_all, every=0.5))
jobs.register(Job(imports.work_on_all, every=0.5, is_slow=True))
jobs.register(Job(erase_all, every=0.5, is_slow=True))
jobs.register(Job(delete_old, every=EVERY))
jobs.register(Job(retention.delete_old, every=EVERY))
jobs.register(Job(delete_merged, every=EVERY))
jobs.register(Job(delete_removed, every=EVERY))
