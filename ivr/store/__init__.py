"""What must survive a restart: counts, requests to delete calls at Twilio, and answers to ring checks.

The database may be slow, locked, full or unreachable, so no webhook of a caller waits for it. A
worker collects counts in memory and requests in files. Background threads write both to the database. Only
the webhook of an accepted ring check waits for the database, for NOTE_SECONDS at most.
"""
