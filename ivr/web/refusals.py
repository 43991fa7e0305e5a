"""Counting and logging of refused webhooks. Nothing of their content is logged."""

import logging
from collections import Counter
from time import monotonic
from typing import Final

from ivr.web.metrics import Metrics
from ivr.web.signature import Refusal

log = logging.getLogger(__name__)

QUIET_SECONDS: Final = 60
"""Pause between two log lines about the same reason, however many webhooks are refused."""


class Refusals:
    """Counts refused webhooks in the metrics, and logs their number by reason."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._unlogged: Counter[Refusal] = Counter()
        self._logged_at: dict[Refusal, float] = {}

    def report(self, refusal: Refusal) -> None:
        self._metrics.refused()
        self._unlogged[refusal] += 1
        now = monotonic()
        if now - self._logged_at.get(refusal, -QUIET_SECONDS) >= QUIET_SECONDS:
            log.warning("webhooks refused for %s: %d", refusal, self._unlogged.pop(refusal))
            self._logged_at[refusal] = now
