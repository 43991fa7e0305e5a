"""The answer to GET /health, for load balancers and administrators. It holds no number and no name."""

import logging
from datetime import datetime
from http import HTTPStatus

from ivr.config.live import Snapshot
from ivr.dialogue import flow
from ivr.dialogue.call import Call, Incoming
from ivr.store.background import StoreStatus

log = logging.getLogger(__name__)


def health(
    snapshot: Snapshot, status: StoreStatus, moment: datetime, *, late: bool
) -> tuple[dict[str, object], HTTPStatus]:
    """Return the JSON object and the HTTP status: 200 if the line can answer a call, else 503.

    `degraded` means that calls are answered and an administrator should look: the configuration has an error,
    the store is unreachable, or changed files are not read in time (`late`).
    """
    answers = _answers(snapshot, moment)
    ok = not snapshot.degraded and not late and status.reachable
    body: dict[str, object] = {
        "status": ("ok" if ok else "degraded") if answers else "failing",
        "closed": snapshot.line.closed(moment),
        "read": snapshot.read_at.isoformat(timespec="seconds"),
        "version": snapshot.version,
        "late": late,
        "findings": sorted({finding.code for finding in snapshot.findings}),
        "store": "reachable" if status.reachable else "away",
        "erasures": {
            "waiting": len(status.erasure_ages),
            "oldest_seconds": round(max(status.erasure_ages, default=0)),
        },
    }
    return body, HTTPStatus.OK if answers else HTTPStatus.SERVICE_UNAVAILABLE


def _answers(snapshot: Snapshot, moment: datetime) -> bool:
    """Make the first document of a call to one municipality; return whether that succeeds."""
    municipality = next(iter(snapshot.line.municipalities.values()), None)
    if municipality is None:
        return False
    try:
        return bool(
            snapshot.document(
                flow.answer(snapshot.line, Call("", municipality.dialled[0], Incoming()), moment), ""
            )
        )
    except Exception as error:  # noqa: BLE001 - after any error, a load balancer should send calls elsewhere
        log.error("no document can be made: %s", type(error).__name__)  # noqa: TRY400 - its text may hold data of a municipality
        return False
