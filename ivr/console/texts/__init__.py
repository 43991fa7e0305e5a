"""What the line says: its texts, their speech, and the calls in which they are heard."""
