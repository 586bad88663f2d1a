"""What the worker does from time to time besides sending texts."""

from messaging.carriers import outages
from messaging.composing import pictures
from messaging.deliverability import recounting
from messaging.deliverability.alerts import checking, weekly
from messaging.diagnosis import reclassifying, unclassified
from messaging.hooks import erasing
from messaging.incoming import retention
from messaging.outgoing import schedule, verifying
from messaging.outgoing.bulk import work
from messaging.outgoing.bulk.retention import delete_old_previews
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(schedule.withdraw_deleted, every=5))
jobs.register(Job(schedule.withdraw_closing, every=5))
jobs.register(Job(erasing.erase_late_reports, every=EVERY))
jobs.register(Job(retention.delete_old_events, every=EVERY))
jobs.register(Job(delete_old_previews, every=EVERY))
jobs.register(Job(pictures.delete_unsent, every=EVERY))
jobs.register(Job(verifying.delete_old_codes, every=EVERY))
jobs.register(Job(reclassifying.update_texts, every=5))
jobs.register(Job(unclassified.remind, every=600))
jobs.register(Job(outages.notify_staff, every=10))
jobs.register(Job(work.run, every=0.5))
jobs.register(Job(recounting.recount_changed, every=10))
jobs.register(Job(checking.check_all, every=300))
jobs.register(Job(weekly.notify_all, every=600))
