"""Changes values in a municipality's file, as somebody would by hand.

No byte of what did not change differs: comments, order, quotes and line endings stay.
"""

from ivr.config.editing.entries import ContactEntry, Entries, Value, entries_of
from ivr.config.editing.layout import Unwritable
from ivr.config.editing.merging import merged
from ivr.config.editing.writing import edited

__all__ = ["ContactEntry", "Entries", "Unwritable", "Value", "edited", "entries_of", "merged"]
