"""Changing a municipality's file in the console: the form, what it would do, and publishing it."""
