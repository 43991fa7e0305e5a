"""Sends mails by SMTP. One connection serves all mails of a run; each mail fails by itself."""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from ivr.mail.message import domain

PATIENCE: Final = 20.0
"""Seconds in which a server must do the next thing: large providers answer within two."""


class Security(Enum):
    """How a connection is encrypted. The values are schemes of IVR_MAIL."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_PORTS: Final = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


class BadUrl(ValueError):
    """IVR_MAIL cannot be used. The text is `unreadable`, or `plain`: a password would go unencrypted."""


class Refused(Exception):
    """The server refused one mail. The next one may go well."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Unreachable(Exception):
    """The server cannot be reached, does not answer, or lets nobody in. The text says which: no secret."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, as IVR_MAIL names it."""

    host: str
    port: int
    security: Security
    user: str
    """Empty: no sign-in."""
    password: str

    def __repr__(self) -> str:
        return f"Server({self.security.value}, {self.host}, {self.port})"


def read_server(url: str) -> Server:
    """Read `smtps://user:password@host:port`, `smtp+starttls://…` or `smtp://…`. Raises BadUrl.

    User and password are percent-encoded. A password is refused where it would go unencrypted to another
    machine.
    """
    try:
        parts = urlsplit(url)
        security, port = Security(parts.scheme), parts.port
    except ValueError:
        raise BadUrl("unreadable") from None
    if not parts.hostname or "@" in parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadUrl("unreadable")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise BadUrl("unreadable")
    if user and security is Security.NONE and not _is_loopback(parts.hostname):
        raise BadUrl("plain")
    return Server(parts.hostname, port or _PORTS[security], security, user, password)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Outbox:
    """Sends mails to one server. Used as a context, which ends its connection."""

    def __init__(self, server: Server, sender: str, tls: ssl.SSLContext, patience: float = PATIENCE) -> None:
        """`sender`: the address that mails come from. `tls`: checks the certificate and the name in it."""
        self._server, self._sender, self._tls, self._patience = server, sender, tls, patience
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
        self._drop()

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Send a mail to one recipient. Returns once the server has taken it. Raises Refused and Unreachable.

        A connection that was kept may be dead, so a mail is tried once more on a new one. If the server took
        it at the very moment at which the connection broke, it comes twice.
        """
        kept = self._connection is not None
        try:
            self._deliver(mail, recipient)
        except Unreachable:
            if not kept:
                raise
            self._deliver(mail, recipient)

    def _deliver(self, mail: EmailMessage, recipient: str) -> None:
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.send_message(mail, self._sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise Refused(next(iter(error.recipients.values()))[0]) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise Refused(error.smtp_code) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            raise Unreachable(_why(error)) from None

    def _connect(self) -> smtplib.SMTP:
        """Connect and sign in. Raises what smtplib, ssl and socket raise; nothing stays open then."""
        server = self._server
        # smtplib would greet with the name of this machine, and ask the DNS for it.
        name = domain(self._sender)
        connect: Callable[[], smtplib.SMTP] = {
            Security.TLS: lambda: smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=self._patience, context=self._tls
            )
        }.get(server.security, lambda: smtplib.SMTP(server.host, server.port, name, timeout=self._patience))
        connection = connect()
        try:
            if server.security is Security.STARTTLS:
                connection.starttls(context=self._tls)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _why(error: Exception) -> str:
    """Why there is no connection: a code or a kind. The server's own words may hold an address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    # smtplib puts its own exception in the place of that of the socket.
    cause = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
    return type(cause or error).__name__
