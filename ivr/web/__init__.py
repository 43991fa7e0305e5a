"""The line's web application: Twilio's webhooks, sound files, /health and /metrics."""

from ivr.web.app import create_app

__all__ = ["create_app"]
