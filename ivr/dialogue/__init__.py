"""Decides what is spoken and who is rung: pure functions from a configuration and an event to a reply."""
