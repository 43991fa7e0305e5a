"""Serving an ASGI application: supervisor and workers, connections with deadlines, the log."""
