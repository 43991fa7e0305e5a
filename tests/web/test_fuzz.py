"""The seeds of fuzzing, and all that it ever found, hold what must hold of any bytes."""

import pytest
from support.fuzz_targets import TARGETS
from support.homes import HERE

FOUND = HERE / "found"


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_what_holds_for_any_bytes_holds_for_these(name, tmp_path):
    target = TARGETS[name](tmp_path)
    seeds = [*TARGETS[name].seeds(), *(file.read_bytes() for file in sorted(FOUND.glob(f"{name}-*")))]
    for data in seeds:
        target(data)
    assert len(seeds) > 6


@pytest.mark.slow
def test_the_target_sees_a_request_that_is_wrongly_refused_or_let_in(tmp_path, monkeypatch):
    """Or fuzzing would find nothing because it looks at nothing."""
    seed = next(TARGETS["voice"].seeds())
    target = TARGETS["voice"](tmp_path)
    monkeypatch.setattr("ivr.web.signature.SignatureCheck.public_url", lambda *_: None)
    with pytest.raises(AssertionError, match="good signature was refused"):
        target(seed)
    monkeypatch.setattr("ivr.web.signature.SignatureCheck.public_url", lambda *_: "https://line.example")
    with pytest.raises(AssertionError, match="without a good signature"):
        target(seed.replace(b": good", b": bad"))


def test_the_target_sees_a_reading_that_raises(tmp_path, monkeypatch):
    target = TARGETS["config"](tmp_path)
    monkeypatch.setattr("ivr.config.reading.checks.findings", lambda *_, **__: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        target(next(TARGETS["config"].seeds()))
