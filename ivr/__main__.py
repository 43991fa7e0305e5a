"""`python -m ivr`, where the command itself is not on the path."""

from ivr.cli import main

if __name__ == "__main__":  # a worker that is spawned imports this module too
    main()
