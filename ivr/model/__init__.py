"""The configuration as immutable values, the types of its fields, and the findings about it."""
