"""Register what accounts adds to the worker."""

from smscenter.accounts.retention import delete_old_sign_ins
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(delete_old_sign_ins, every=EVERY))
