"""Translates between Twilio and the dialogue: requests to events, replies to TwiML, states to URLs."""
