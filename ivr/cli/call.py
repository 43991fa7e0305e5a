"""`ivr call`: the desk phone in the terminal."""

import click


@click.command()
def call() -> None:
    """Call the line from the terminal."""
