"""What the worker does for support from time to time."""

from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY
from smscenter.support.hooks import retention
from smscenter.support.mail import outbox
from smscenter.support.requests.whitelistings import notify_expired
from smscenter.support.review import carrier_lists

jobs.register(Job(outbox.send_due, every=1))
jobs.register(Job(notify_expired, every=60))
jobs.register(Job(carrier_lists.sync_allowlists, every=1))
jobs.register(Job(retention.delete_abandoned_drafts, every=EVERY))
jobs.register(Job(retention.forget_feedback_clients, every=EVERY))
jobs.register(Job(retention.forget_received_mails, every=EVERY))
