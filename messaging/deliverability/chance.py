"""Whether two failure rates differ by more than chance."""

from math import sqrt

from messaging.deliverability.tallies import Tally

# 19 times out of 20, chance alone stays below it.
SURPRISING = 1.96
# With fewer failed or fewer sent texts expected in a group, the test says nothing.
FEWEST = 5


def is_more_than_chance(now: Tally, before: Tally) -> bool:
    """Compare the failure rates of two groups of texts with a two-proportion z-test."""
    total = now.outgoing + before.outgoing
    if not now.outgoing or not before.outgoing:
        return False
    rate = (now.failed + before.failed) / total
    smaller = min(now.outgoing, before.outgoing)
    if min(rate, 1 - rate) * smaller < FEWEST:
        return False
    spread = sqrt(rate * (1 - rate) * (1 / now.outgoing + 1 / before.outgoing))
    return abs(now.rate - before.rate) / spread > SURPRISING
