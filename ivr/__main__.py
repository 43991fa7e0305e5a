"""`python -m ivr`, where the command itself is not on the path."""

from ivr.cli import main

main()
