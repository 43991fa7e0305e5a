"""What was counted, for people to read: put together by month, as a table, as CSV, and as a picture."""
