"""What the queue is told. Each task is a nudge: nothing is lost when one is."""

from dataclasses import dataclass

from django_tasks import task

from messaging.outgoing import dispatch


@dataclass
class Load:
    """How much one process takes on at a time; `manage.py worker` sets it from its options."""

    batch: int = 100
    threads: int = 20


load = Load()


@task()
def send_due() -> int:
    """Hand over one batch, and come back for more, so that a worker may stop in between."""
    handled = dispatch.send_due(load.batch, load.threads)
    if handled:
        send_due.enqueue()
    return handled
