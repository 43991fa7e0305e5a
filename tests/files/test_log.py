"""The log: every line is written, but where nobody reads it, nobody waits for it."""

import logging
import os
import time

import pytest

from ivr.serving.log import LINES, PatientHandler

MORE = 500


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(writing)
    os.close(reading)


@pytest.fixture
def handler(pipe):
    found = PatientHandler(pipe[1])
    yield found
    all_written(found, pipe[0])  # so that its thread ends before the pipe is closed
    found.close()


def record(text, *values):
    return logging.LogRecord("ivr.test", logging.WARNING, "", 1, text, values, None)


def all_written(handler, reading):
    """Read the pipe until nothing waits to be written; what was written."""
    os.set_blocking(reading, False)
    content = b""
    while True:
        waits = handler._lines.unfinished_tasks
        try:
            while more := os.read(reading, 1 << 16):
                content += more
        except BlockingIOError:
            pass
        if not waits:
            return content.decode()
        time.sleep(0.001)


def test_every_line_is_written_in_its_order(pipe, handler):
    for number in range(100):
        handler.handle(record("line %d é", number))
    assert all_written(handler, pipe[0]).splitlines() == [f"line {number} é" for number in range(100)]


def test_where_nobody_reads_lines_are_left_out_and_their_number_is_told_later(pipe, handler):
    long = "x" * 200_000  # more than a pipe holds
    handler.handle(record(long))
    for number in range(LINES + MORE):
        handler.handle(record("line %d", number))
    text = all_written(handler, pipe[0])
    assert text.startswith(f"{long}\n")
    assert "line 1\n" in text
    told = int(text.split(" lines of the log were left out")[0].rsplit("\n", 1)[-1])
    assert MORE <= told <= MORE + 2


def test_a_line_that_cannot_be_formatted_is_told_and_stops_nothing(pipe, handler):
    handler.handle(record("%d", "no number"))
    handler.handle(record("the next"))
    assert all_written(handler, pipe[0]).splitlines() == [
        "a line of the log cannot be formatted: TypeError in ivr.test",
        "the next",
    ]


def test_a_reader_that_is_gone_stops_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    handler = PatientHandler(writing)
    handler.handle(record("nobody"))
    handler.flush()
    handler.handle(record("nobody either"))
    handler.flush()
    assert handler._lines.unfinished_tasks == 0
    handler.close()
    os.close(writing)
