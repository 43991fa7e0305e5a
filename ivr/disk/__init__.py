"""Files, read and written so that nothing is half there and no reader waits."""
