"""`ivr demo`: the line and the console together on this computer."""

import logging.config
from multiprocessing import get_context
from multiprocessing.connection import wait
from signal import SIGTERM, signal

import click

from ivr.cli.common import Context, in_context
from ivr.cli.console import PORT, ConsoleFactory
from ivr.cli.listening import listening_on
from ivr.cli.loopback import LOOPBACK, demo_at
from ivr.cli.reading import live_or_exit
from ivr.cli.serve import WorkerFactory, serve_line
from ivr.serving.log import logging_as
from ivr.serving.serve import serve


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--console-port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@in_context
def demo(context: Context, port: int, console_port: int) -> None:
    """Run the line and the console on this computer, without any account. Ctrl-C ends both."""
    logs = logging_as(json=False)
    live_or_exit(context, public=False, erases=False)
    with (
        listening_on(context, LOOPBACK, port) as line_socket,
        listening_on(context, LOOPBACK, console_port) as console_socket,
        demo_at(context, port) as (own, token, url),
    ):
        console_url = f"http://{LOOPBACK}:{console_port}"
        click.echo(context.say("demo-both", url=url, console=console_url))
        logging.config.dictConfig(logs)  # only now: the telephone's address is the first line
        line = WorkerFactory(own, token, url, demo=True)
        console = ConsoleFactory(own, console_url, demo=True, line_url=url)
        # A new process each, so that the console can stop no call; as `ivr serve` and `ivr console` do.
        new = get_context("spawn").Process
        processes = [
            new(target=serve_line, args=(line, line_socket, 1, logs), name="line"),
            new(target=serve, args=(console, console_socket, 1, logs), name="console"),
        ]
        signal(SIGTERM, _interrupt)
        try:
            for process in processes:
                process.start()
            wait([process.sentinel for process in processes])
        except KeyboardInterrupt:
            pass
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.join()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
