"""The log: every line is written, but where nobody reads it, nobody waits for it."""

import logging
import os

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
    while found._lines.unfinished_tasks:  # so that its thread ends before the pipe is closed
        os.read(pipe[0], 1 << 16)
        found.flush()
    found.close()


def record(text, *values):
    return logging.LogRecord("ivr.test", logging.WARNING, "", 1, text, values, None)


def lines(reading):
    """What was written until now, line by line."""
    os.set_blocking(reading, False)
    content = b""
    try:
        while more := os.read(reading, 1 << 16):
            content += more
    except BlockingIOError:
        pass
    return content.decode().splitlines()


def test_every_line_is_written_in_its_order(pipe, handler):
    for number in range(100):
        handler.handle(record("line %d é", number))
    handler.flush()
    assert lines(pipe[0]) == [f"line {number} é" for number in range(100)]


def test_where_nobody_reads_lines_are_left_out_and_their_number_is_told_later(pipe, handler):
    long = "x" * 200_000  # more than a pipe holds
    handler.handle(record(long))
    for number in range(LINES + MORE):
        handler.handle(record("line %d", number))
    written = []
    while handler._lines.unfinished_tasks:
        written.append(os.read(pipe[0], 1 << 16))
    text = b"".join([*written, "\n".join(lines(pipe[0])).encode()]).decode()
    assert text.startswith(f"{long}\n")
    assert "line 1\n" in text
    told = int(text.split(" lines of the log were left out")[0].rsplit("\n", 1)[-1])
    assert MORE <= told <= MORE + 2


def test_a_line_that_cannot_be_formatted_is_told_and_stops_nothing(pipe, handler):
    handler.handle(record("%d", "no number"))
    handler.handle(record("the next"))
    handler.flush()
    assert lines(pipe[0]) == ["a line of the log cannot be formatted: TypeError in ivr.test", "the next"]


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
