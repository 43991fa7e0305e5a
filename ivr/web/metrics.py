"""The line for Prometheus to watch: nothing of it is about a caller, nor about an anonymous destination.

Requests are counted by status alone: by kind as well, what is left over from the outcomes would be the calls
to the anonymous tip line, at the second.

Prometheus decides when it is imported whether processes share their counts, in the folder that
PROMETHEUS_MULTIPROC_DIR names. So this is imported late, by `ivr serve`.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ivr.config.live import Snapshot
from ivr.counted import Anonymous, Count
from ivr.finding import Level
from ivr.limits import LATE_SECONDS, MOST_UNGATHERED
from ivr.store.counts import taken
from ivr.store.keeping import Kept

_SECONDS: Final = (0.25, 1, 5, 15)
"""Twilio waits for 15 s; a document takes a millisecond. Finer, they would show which call left a wish."""


class Prometheus:
    """A Watch whose counts all workers share."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._requests = Counter(
            "balielijn_requests_total", "Requests answered, by status.", ["status"], registry=own
        )
        self._seconds = Histogram(
            "balielijn_request_seconds", "Until an answer began.", buckets=_SECONDS, registry=own
        )
        self._failures = Counter(
            "balielijn_failures_total",
            "Answers in which something failed: an apology was heard, or something was not counted.",
            registry=own,
        )
        self._refused = Counter("balielijn_refused_total", "Webhooks without a good signature.", registry=own)
        self._outcomes = Counter(
            "balielijn_outcomes_total",
            "Items used and forwardings ended; none of an anonymous destination.",
            ["item", "outcome"],
            registry=own,
        )

        # No answer takes a lock: threads that wait for one cost more than the answer. `gather` takes it.
        self._answered: deque[tuple[str, float]] = deque(maxlen=MOST_UNGATHERED)
        self._counted: deque[tuple[Count | Anonymous, ...]] = deque(maxlen=MOST_UNGATHERED)
        self._gathering = Lock()

    def answered(self, status: str, seconds: float) -> None:
        self._answered.append((status, seconds))

    def failed(self) -> None:
        self._failures.inc()

    def refused(self) -> None:
        self._refused.inc()

    def counted(self, counts: tuple[Count | Anonymous, ...]) -> None:
        self._counted.append(counts)

    def gather(self) -> None:
        with self._gathering:
            answered = list(taken(self._answered))
            for status, times in Tally(status for status, _ in answered).items():
                self._requests.labels(status[:3]).inc(times)
            _observe(self._seconds, [seconds for _, seconds in answered])
            for counts, times in Tally(taken(self._counted)).items():
                for count in counts:
                    if isinstance(count, Count):
                        self._outcomes.labels(count.item, count.outcome.value).inc(times)

    def page(self, snapshot: Snapshot, kept: Kept, moment: datetime) -> tuple[bytes, str]:
        self.gather()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(_State(snapshot, kept, moment))
        return generate_latest(registry), CONTENT_TYPE_LATEST


def _observe(histogram: Histogram, several: list[float]) -> None:
    """Observe several values in a tenth of the time that they take one by one: callers wait meanwhile."""
    # The library has no way of its own for this.
    for place, times in Tally(bisect_left(_SECONDS, value) for value in several).items():
        histogram._buckets[place].inc(times)  # noqa: SLF001
        # The sum as coarse as the buckets, for the same reason.
        histogram._sum.inc(times * _SECONDS[min(place, len(_SECONDS) - 1)])  # noqa: SLF001


class _State(Collector):
    """How things stand, as the worker that is asked sees it."""

    def __init__(self, snapshot: Snapshot, kept: Kept, moment: datetime) -> None:
        self._snapshot = snapshot
        self._closed = snapshot.line.closed(moment)
        self._kept = kept

    def collect(self) -> Iterator[GaugeMetricFamily]:
        snapshot, kept = self._snapshot, self._kept
        # A wish that goes as it should is not told: its beginning is the second of an anonymous call.
        late = [waited for waited in kept.wishes if waited > LATE_SECONDS]
        for name, about, value in (
            (
                "config_read_timestamp_seconds",
                "When the configuration in use was read.",
                snapshot.read_at.timestamp(),
            ),
            (
                "config_degraded",
                "1 while the files have an error and an older reading is in use.",
                snapshot.degraded,
            ),
            ("closed", "1 while the line is closed on purpose.", self._closed),
            ("store_reachable", "1 while the store can be reached.", kept.reachable),
            ("wishes_waiting", "Calls to be erased at Twilio for over an hour, and still there.", len(late)),
            ("wishes_oldest_seconds", "How long the oldest of those has waited.", max(late, default=0)),
        ):
            yield GaugeMetricFamily(f"balielijn_{name}", about, float(value))
        levels = Tally(finding.level for finding in snapshot.findings)
        findings = GaugeMetricFamily("balielijn_findings", "Findings in the files.", labels=["level"])
        for level in Level:
            findings.add_metric([level.value], levels[level])
        yield findings
