"""The metrics for Prometheus. They tell nothing about a single caller or an anonymous destination.

Requests are counted by status alone. If they were counted by kind of webhook, the difference from the counted
outcomes would be the number of calls to the anonymous tip line, and would tell the time of each.

Each worker counts in memory and writes its counters to a file every second. The worker that answers
GET /metrics adds up all files. If the disk is full, metrics are lost, but calls are answered.

The multiprocess mode of prometheus_client is not used: it maps files into memory, and on a full disk a write
to such a file ends the process (SIGBUS).
"""

import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from ivr.config.live import Snapshot
from ivr.dialogue.usage import Anonymous, Count
from ivr.disk.writing import write_whole
from ivr.model.findings import Severity
from ivr.model.limits import LATE_SECONDS
from ivr.store.background import StoreStatus

_SECONDS: Final = (0.25, 1, 5, 15)
"""Histogram buckets. Twilio waits 15 s. Finer buckets would identify calls to the tip line, because their
answers wait for a disk."""
_LONGER: Final = 60
"""Seconds that are added to the sum for a response slower than the last bucket."""

disable_created_metrics()  # type: ignore[no-untyped-call]


class Prometheus:
    """A `Metrics` that shares its counters with the other workers through files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._own = CollectorRegistry()
        self._folder = folder
        self._file = folder / f"{os.getpid()}.prom"
        self._requests = Counter(
            "balielijn_requests_total", "Requests answered, by status.", ["status"], registry=self._own
        )
        self._seconds = Histogram(
            "balielijn_request_seconds", "Until an answer began.", buckets=_SECONDS, registry=self._own
        )
        self._failures = Counter(
            "balielijn_failures_total",
            "Answers in which something failed: an apology was heard, or something was not counted.",
            registry=self._own,
        )
        self._refused = Counter(
            "balielijn_refused_total", "Webhooks without a good signature.", registry=self._own
        )
        self._outcomes = Counter(
            "balielijn_outcomes_total",
            "Items used and forwardings ended; none of an anonymous destination.",
            ["item", "outcome"],
            registry=self._own,
        )

    def answered(self, status: int, seconds: float) -> None:
        self._requests.labels(status).inc()
        # Not the exact time, but the bucket's bound: the sum would else be finer than the buckets.
        self._seconds.observe((*_SECONDS, _LONGER)[bisect_left(_SECONDS, seconds)])

    def failed(self) -> None:
        self._failures.inc()

    def refused(self) -> None:
        self._refused.inc()

    def counted(self, counts: tuple[Count | Anonymous, ...]) -> None:
        for count in counts:
            if isinstance(count, Count):
                self._outcomes.labels(count.item, count.outcome.value).inc()

    def share(self) -> None:
        with suppress(OSError):
            # Nobody needs the file after a power failure.
            write_whole(self._file, generate_latest(self._own), durable=False)

    def page(self, snapshot: Snapshot, status: StoreStatus, moment: datetime) -> tuple[bytes, str]:
        self.share()
        registry = CollectorRegistry()
        registry.register(_Together(self._pages()))
        registry.register(_State(snapshot, status, moment))
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _pages(self) -> Iterator[str]:
        """Yield the counters of each worker as text: this one's current, the others' from their files."""
        yield generate_latest(self._own).decode()
        for file in sorted(self._folder.glob("*.prom")):
            if file != self._file:
                with suppress(OSError):
                    yield file.read_text("utf-8")


class _Together(Collector):
    """The sums of the counters of several pages."""

    def __init__(self, pages: Iterable[str]) -> None:
        self._families: dict[str, Metric] = {}
        self._values: dict[str, Tally[tuple[str, tuple[tuple[str, str], ...]]]] = {}
        for page in pages:
            for family in text_string_to_metric_families(page):
                self._families.setdefault(family.name, family)
                values = self._values.setdefault(family.name, Tally())
                for sample in family.samples:
                    values[sample.name, tuple(sample.labels.items())] += sample.value  # type: ignore[assignment]

    def collect(self) -> Iterator[Metric]:
        for name, family in self._families.items():
            metric = Metric(name, family.documentation, family.type)
            for (sample, labels), value in self._values[name].items():
                metric.add_sample(sample, dict(labels), value)
            yield metric


class _State(Collector):
    """Gauges for the current state, as this worker sees it."""

    def __init__(self, snapshot: Snapshot, status: StoreStatus, moment: datetime) -> None:
        self._snapshot = snapshot
        self._closed = snapshot.line.closed(moment)
        self._status = status

    def collect(self) -> Iterator[GaugeMetricFamily]:
        snapshot, status = self._snapshot, self._status
        # Only late erasures are shown. The age of a new one would give the time of an anonymous call.
        late = [waited for waited in status.erasure_ages if waited > LATE_SECONDS]
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
            ("store_reachable", "1 while the store can be reached.", status.reachable),
            (
                "erasures_waiting",
                "Calls to be erased at Twilio for over an hour, and still there.",
                len(late),
            ),
            ("erasures_oldest_seconds", "How long the oldest of those has waited.", max(late, default=0)),
        ):
            yield GaugeMetricFamily(f"balielijn_{name}", about, float(value))
        levels = Tally(finding.severity for finding in snapshot.findings)
        findings = GaugeMetricFamily("balielijn_findings", "Findings in the files.", labels=["level"])
        for level in Severity:
            findings.add_metric([level.value], levels[level])
        yield findings
