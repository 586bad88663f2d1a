"""Register what messaging adds to the worker."""

from messaging import retention
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(retention.delete_old_events, every=EVERY))
