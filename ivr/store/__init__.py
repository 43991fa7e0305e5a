"""What must survive a restart: counts, erasures to erase calls at Twilio, and answers to a ring check.

No answer to a caller waits for the database, which may be slow, locked, full or gone: a worker keeps counts
in memory and erasures in files, and threads bring them there.
"""
