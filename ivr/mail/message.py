"""Writes a mail: plain text, and headers that tell nothing of the machine it comes from."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from uuid import UUID

_NAME: Final = "Balielijn"


def message(  # noqa: PLR0913 - each header that differs is an argument
    sender: str, recipient: str, subject: str, text: str, *, moment: datetime, ident: UUID
) -> EmailMessage:
    """Make a mail. Raises ValueError where a header would hold a line break.

    `sender`, `recipient`: mail addresses. `moment`: aware. `ident`: random; the Message-ID is made of it, as
    that of the library holds the name of the machine, the process and the time.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = f"{_NAME} <{sender}>"
    made["To"] = recipient
    made["Subject"] = subject
    made["Date"] = format_datetime(moment)
    made["Message-ID"] = f"<{ident}@{domain(sender)}>"
    # No vacation notice answers such a mail (RFC 3834, 5).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, charset="utf-8", cte="quoted-printable")
    return made


def domain(address: str) -> str:
    """The part of a mail address behind the @."""
    return address.rpartition("@")[2]
