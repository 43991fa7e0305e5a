"""The account at Twilio: a way in, and what the configuration needs of it."""
