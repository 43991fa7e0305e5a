"""What is told of webhooks that are not let in: how many, and why; nothing of what they held."""

import logging
from collections import Counter
from time import monotonic
from typing import Final

from ivr.web.metrics import Metrics
from ivr.web.signature import Refusal

log = logging.getLogger(__name__)

QUIET_SECONDS: Final = 60
"""Between two lines in the log about the same kind of refusal, however many there are."""


class Refusals:
    """Counts refused webhooks for the watcher, and logs each kind now and then."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._untold: Counter[Refusal] = Counter()
        self._told: dict[Refusal, float] = {}

    def tell(self, refusal: Refusal) -> None:
        self._metrics.refused()
        self._untold[refusal] += 1
        now = monotonic()
        if now - self._told.get(refusal, -QUIET_SECONDS) >= QUIET_SECONDS:
            log.warning("webhooks refused for %s: %d", refusal, self._untold.pop(refusal))
            self._told[refusal] = now
