"""Register what support adds to the worker."""

from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY
from smscenter.support import retention
from smscenter.support.mail import outbox
from smscenter.support.models import Whitelisting
from smscenter.support.review import carrier_lists

jobs.register(Job(outbox.send_due, every=1))
jobs.register(Job(Whitelisting.objects.tell_expiries, every=60))
jobs.register(Job(carrier_lists.tell, every=1))
jobs.register(Job(retention.delete_abandoned_drafts, every=EVERY))
jobs.register(Job(retention.forget_feedback_clients, every=EVERY))
