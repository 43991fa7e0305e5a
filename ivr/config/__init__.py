"""Reads the files of a home: the result is a line without errors, or findings."""
