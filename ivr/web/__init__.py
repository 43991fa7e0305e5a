"""The line's web application: Twilio's webhooks, the clips, and a look at its health."""

from ivr.web.app import create_app

__all__ = ["create_app"]
