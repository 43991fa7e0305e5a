"""A mail server on loopback that takes, refuses, delays and drops, as a test tells it."""

import asyncio
import ssl
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from support.machines import free_port

USER, PASSWORD = "lijn@balielijn.example", "p@ss/w:ord"


class MailServer:
    """What it was sent, and how it is to behave.

    `moods`: for each mail in turn `drops` (before it takes it), `forgets` (takes it, and drops the connection
    in place of the answer), `refuses`, `sleeps`; after the last it takes all.
    """

    def __init__(self):
        self.taken = []
        """Address of the recipient and the mail, of each mail that was taken."""
        self.refused = set()
        self.moods = []
        self.greeted = []
        self.signed_in = []
        self.connections = 0
        self.port = None

    def mails(self):
        return [message_from_bytes(content, policy=default) for _, content in self.taken]

    def recipients(self):
        return [recipient for recipient, _ in self.taken]

    # What aiosmtpd asks of a handler

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.greeted.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return f"550 5.1.1 no mailbox {address} here, ask 020-000 00 99"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        mood = self.moods.pop(0) if self.moods else "takes"
        if mood == "drops":
            server.transport.abort()
            return "421 gone"
        if mood == "refuses":
            return "554 5.7.1 not wanted"
        if mood == "sleeps":
            await asyncio.sleep(30)
        self.taken += [(recipient, envelope.content) for recipient in envelope.rcpt_tos]
        if mood == "forgets":
            server.transport.abort()
        return "250 OK"


def authenticator(service):
    def check(server, session, envelope, mechanism, data):
        login = (data.login.decode(), data.password.decode())
        service.signed_in.append(login)
        return AuthResult(success=login == (USER, PASSWORD), handled=False)

    return check


class Loud(Controller):
    """Counts connections."""

    def factory(self):
        self.handler.connections += 1
        return SMTP(self.handler, **self.SMTP_kwargs)


class Trust:
    """An authority, and a certificate of its for a name."""

    def __init__(self, name="127.0.0.1"):
        self.authority = trustme.CA()
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(name).configure_cert(self.server)

    def client(self):
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@contextmanager
def mail_server(security="smtp", trust=None, *, signs_in=False):
    """A server that is up when the block begins, and ended after it."""
    service = MailServer()
    service.port = free_port()
    more = {"hostname": "127.0.0.1", "port": service.port, "ident": "test", "enable_SMTPUTF8": False}
    if signs_in:
        # aiosmtpd knows only of the encryption that it began itself.
        begun = security == "smtp+starttls"
        more |= {"authenticator": authenticator(service), "auth_required": begun, "auth_require_tls": begun}
    if security == "smtps":
        more["ssl_context"] = trust.server
    if security == "smtp+starttls" and trust:
        more |= {"tls_context": trust.server, "require_starttls": True}
    controller = Loud(service, **more)
    controller.start()
    service.connections = 0
    service.greeted.clear()
    try:
        yield service
    finally:
        controller.stop(no_assert=True)
