"""A telephone exchange for trying calls: it asks the line as Twilio does, and obeys it as strictly."""
