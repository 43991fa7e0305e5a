"""The golden calls of tests/calls: each is played three ways, and each time it must go the same."""

import pytest
import yaml
from support import pure
from support.golden import CALLS, Golden

from ivr.exchange.transcript import steps

each_call = pytest.mark.parametrize("file", CALLS, ids=lambda file: file.stem)


@each_call
def test_the_flow_alone_leads_the_call_as_written(file, line, request):
    golden = Golden(file, line)
    events = pure.play(
        golden.line,
        golden.caller,
        golden.dialled,
        golden.person(),
        golden.far_end(),
        golden.moment,
        golden.names(),
    )
    if request.config.getoption("--write-calls"):
        write(file, steps(events))
    else:
        assert steps(events) == golden.told["call"]


@each_call
def test_the_web_application_leads_the_call_as_written(file, line, shared_home, tmp_path):
    golden = Golden(file, line)
    assert golden.played_on(golden.home(shared_home, tmp_path)) == golden.told["call"]


@pytest.mark.xdist_group("speech")
@each_call
def test_with_built_speech_the_call_goes_as_written(file, line, spoken_home, tmp_path):
    golden = Golden(file, line)
    assert golden.played_on(golden.home(spoken_home, tmp_path)) == golden.told["call"]


def write(file, call):
    """Keep what the file says of the call, and write anew how it goes."""
    head = file.read_text("utf-8").partition("call:\n")[0]
    body = yaml.safe_dump({"call": call}, allow_unicode=True, width=100, sort_keys=False)
    file.write_text(head + body, "utf-8")
