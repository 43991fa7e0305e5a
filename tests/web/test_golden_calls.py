"""The golden calls of tests/calls: each is played three ways, and each time it must go the same."""

import pytest
import yaml
from support import pure
from support.golden import CALLS, Golden

from ivr.dialogue import all_phrases, flow
from ivr.exchange.transcript import steps
from ivr.model.languages import LANGUAGES

each_call = pytest.mark.parametrize("file", CALLS, ids=lambda file: file.stem)


def played(golden, answer=flow.answer):
    return pure.play(
        golden.line,
        golden.caller,
        golden.dialled,
        golden.person(),
        golden.far_end(),
        golden.moment,
        golden.names(),
        answer,
    )


@each_call
def test_the_flow_alone_leads_the_call_as_written(file, line, request):
    golden = Golden(file, line)
    events = played(golden)
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


@each_call
def test_speech_is_built_of_all_that_is_said_but_of_days_that_are_named_by_their_date(
    file, line, monkeypatch
):
    said, answer = set(), flow.answer

    def listened(*arguments):
        reply = answer(*arguments)
        said.update(getattr(reply, "says", ()))
        return reply

    monkeypatch.setattr(flow, "answer", listened)  # for the contacts' legs
    golden = Golden(file, line)
    played(golden, listened)
    unbuilt = said.difference(all_phrases.everything(golden.line))
    months = {month for language in LANGUAGES.values() for month in language.months}
    assert said
    assert [phrase for phrase in unbuilt if not months & set(phrase.text.replace(".", "").split())] == []


def write(file, call):
    """Keep what the file says of the call, and write anew how it goes."""
    head = file.read_text("utf-8").partition("call:\n")[0]
    body = yaml.safe_dump({"call": call}, allow_unicode=True, width=100, sort_keys=False)
    file.write_text(head + body, "utf-8")
