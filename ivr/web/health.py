"""Whether the line can answer: for a load balancer, and for who looks after it. No number, no name."""

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
    """Tell how the line is, and 200 while it can answer a call, 503 while it cannot.

    `degraded` needs somebody's look and keeps no call from being answered: an error in the configuration, a
    store that is away, or files of which changes are not seen (`late`).
    """
    answers = _answers(snapshot, moment)
    well = not snapshot.degraded and not late and status.reachable
    told: dict[str, object] = {
        "status": ("ok" if well else "degraded") if answers else "failing",
        "closed": snapshot.line.closed(moment),
        "read": snapshot.read_at.isoformat(timespec="seconds"),
        "late": late,
        "findings": sorted({finding.code for finding in snapshot.findings}),
        "store": "reachable" if status.reachable else "away",
        "erasures": {
            "waiting": len(status.erasure_ages),
            "oldest_seconds": round(max(status.erasure_ages, default=0)),
        },
    }
    return told, HTTPStatus.OK if answers else HTTPStatus.SERVICE_UNAVAILABLE


def _answers(snapshot: Snapshot, moment: datetime) -> bool:
    """Whether a call gets its first document: tried for one municipality."""
    municipality = next(iter(snapshot.line.municipalities.values()), None)
    if municipality is None:
        return False
    try:
        return bool(
            snapshot.document(
                flow.answer(snapshot.line, Call("", municipality.dialled[0], Incoming()), moment)
            )
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, a load balancer should send calls elsewhere
        log.error("no document can be made: %s", type(error).__name__)  # noqa: TRY400 - its text may tell too much
        return False
