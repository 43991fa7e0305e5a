"""Twilio's REST API: the client, the numbers of the account, ring checks, and deletion of calls."""
