"""Reports for people: counts as a table, CSV and a picture; who is rung when; the menu as a picture."""
