"""Speech: built once, of the very text, never half; and what happens when the service is not well."""

import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
import soundfile
from support.gtts_stand_in import stand_in
from support.homes import PUBLIC, make_real

from ivr.cli.common import Context
from ivr.cli.serve import WorkerFactory
from ivr.model.limits import PLAY_PIECES, SOUND_BYTES
from ivr.model.phrase import Phrase
from ivr.speech import build as building
from ivr.speech.build import NoSound, bind, build, spoken, sweep
from ivr.speech.clips import Clips, _cache, naming_secret
from ivr.speech.engines import PAUSE_SECONDS, Espeak, Gtts
from ivr.speech.inventory import survey, unplayed
from ivr.speech.sound import even
from ivr.speech.sounds import content_hash, text_hash
from ivr.speech.wav import RATE, as_wav

HELLO = Phrase("welcome", "nl", "Goedendag.")
SECRET = b"of this home"
BYE = Phrase("farewell", "en", "Goodbye.")


@pytest.fixture
def service():
    with stand_in() as service:
        yield service


def built(audio, phrases, engine, sleep=lambda _: None):
    return build(phrases, audio, engine, sleep=sleep, progress=lambda _: None)


def files(audio):
    return sorted(path.name for path in audio.rglob("*") if path.is_file())


def seconds(wav):
    with wave.open(BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return file.getnframes() / file.getframerate()


def test_what_is_built_is_found_by_its_text_and_plays_as_telephone_sound(tmp_path):
    assert built(tmp_path, [HELLO, BYE], Espeak()).built == 2
    clips = Clips.read(tmp_path, SECRET)
    wav = clips.wav([clips.find(HELLO).name])
    assert 0.3 < seconds(wav) < 2
    assert clips.text([clips.find(HELLO).name, clips.find(BYE).name]) == "Goedendag. Goodbye."


def test_what_is_there_is_not_built_again(tmp_path, service):
    engine = Gtts(service.address)
    assert built(tmp_path, [HELLO, BYE], engine).built == 2
    assert service.texts == [("nl", "Goedendag."), ("en", "Goodbye.")]
    again = built(tmp_path, [HELLO, BYE, HELLO], engine)
    assert (again.built, again.already, len(service.texts)) == (0, 2, 2)


def test_a_changed_text_is_built_anew_and_never_spoken_by_the_old_file(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    changed = Phrase("welcome", "nl", "Goedenavond.")
    assert Clips.read(tmp_path, SECRET).find(changed) is None
    assert built(tmp_path, [changed], Espeak()).built == 1


def test_google_is_sent_the_words_without_our_pause_signs(tmp_path, service):
    built(tmp_path, [Phrase("numbers", "nl", "… politie: … nul, negen.")], Gtts(service.address))
    assert [text for _, text in service.texts] == ["politie:", "nul, negen."]


def test_a_refusal_is_met_with_patience_that_grows_and_the_wait_that_was_asked_for(tmp_path, service):
    service.moods = [(429, []), (429, [("Retry-After", "7")]), (500, []), "silent"]
    waits = []
    outcome = built(tmp_path, [HELLO], Gtts(service.address), waits.append)
    assert (outcome.built, waits) == (1, [1, 7, 4, 8])


def test_a_cut_connection_is_tried_again(tmp_path, service):
    service.moods = ["cut"]
    assert built(tmp_path, [HELLO], Gtts(service.address)).built == 1


def test_an_answer_that_is_no_sound_is_tried_again_and_costs_its_own_text_only(tmp_path, service):
    service.moods = ["noise"]
    assert built(tmp_path, [HELLO], Gtts(service.address)).built == 1
    service.moods = ["noise"] * building.TRIES
    outcome = built(tmp_path, [BYE, HELLO], Gtts(service.address))
    assert (outcome.already, outcome.failed) == (1, [(BYE, "an answer that is no sound")])


@pytest.mark.parametrize("text", ["…", "… …", "?!", "."])
@pytest.mark.parametrize("engine", ["espeak", "gtts"])
def test_a_text_without_words_is_built_as_a_pause_without_asking_anybody(tmp_path, service, engine, text):
    phrase = Phrase("numbers", "nl", text)
    assert built(tmp_path, [phrase], {"espeak": Espeak(), "gtts": Gtts(service.address)}[engine]).built == 1
    clips = Clips.read(tmp_path, SECRET)
    assert seconds(clips.wav([clips.find(phrase).name])) == pytest.approx(PAUSE_SECONDS)
    assert service.texts == []


def test_a_service_that_keeps_refusing_costs_its_own_text_only(tmp_path, service):
    service.moods = [(429, [])] * building.TRIES
    outcome = built(tmp_path, [HELLO, BYE], Gtts(service.address))
    assert (outcome.built, outcome.failed) == (1, [(HELLO, "answer 429")])
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None


def test_a_service_that_is_not_there_is_said_so_at_once(tmp_path):
    with stand_in() as service:
        gone = service.address
    waits = []
    outcome = built(tmp_path, [HELLO, BYE], Gtts(gone), waits.append)
    assert (outcome.unreachable, outcome.built, waits) == ("no connection", 0, [])
    assert files(tmp_path) == []


def test_a_build_that_is_interrupted_leaves_no_half_file(tmp_path, monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path, [HELLO], Espeak())
    assert files(tmp_path) == []


def test_what_a_killed_build_left_is_no_clip_and_is_swept_away(tmp_path):
    folder = tmp_path / "built/nl"
    folder.mkdir(parents=True)
    (folder / f"{text_hash(HELLO.text)}-espeak-{'0' * 16}.wav.part").write_bytes(b"RIFF")
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None
    sweep(tmp_path)
    assert files(tmp_path) == []


def record(audio, prompt="welcome", language="nl", rate=44100, volume=0.1):
    folder = audio / "recordings" / language
    folder.mkdir(parents=True, exist_ok=True)
    tone = volume * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(folder / f"{prompt}.wav", np.stack([tone, tone], axis=1), rate)


def test_a_recording_is_used_once_it_is_bound_to_the_text_and_before_built_speech(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    record(tmp_path)
    assert Clips.read(tmp_path, SECRET).find(HELLO).kind == "espeak"
    bind(tmp_path, "nl", "welcome", HELLO.text)
    clips = Clips.read(tmp_path, SECRET)
    assert clips.find(HELLO).kind == "recording"
    assert seconds(clips.wav([clips.find(HELLO).name])) == pytest.approx(1, abs=0.1)


def test_a_recording_of_another_text_is_never_played(tmp_path):
    record(tmp_path)
    bind(tmp_path, "nl", "welcome", "Goedemorgen.")
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None
    (state,) = survey([HELLO], tmp_path)
    assert (state.kind, state.stale) == ("missing", True)


def test_a_recording_that_was_never_bound_to_todays_text_is_told(line, tmp_path):
    audio = tmp_path / "audio"
    record(audio)
    record(audio, "no-such-prompt")
    assert [(each.code, each.file) for each in unplayed(line, audio)] == [
        ("audio-stale", "audio/recordings/nl/no-such-prompt.wav"),
        ("audio-stale", "audio/recordings/nl/welcome.wav"),
    ]
    bind(audio, "nl", "welcome", line.prompts["nl"]["welcome"])
    assert [each.values["text"] for each in unplayed(line, audio)] == ["no-such-prompt.wav"]


def test_a_recording_that_is_no_sound_is_told_and_another_voice_speaks(line, tmp_path):
    audio = tmp_path / "audio"
    hello = Phrase("welcome", "nl", line.prompts["nl"]["welcome"])
    built(audio, [hello], Espeak())
    record(audio)
    bind(audio, "nl", "welcome", hello.text)
    assert Clips.read(audio, SECRET).find(hello).kind == "recording"
    (audio / "recordings/nl/welcome.wav").write_bytes(b"no sound")
    clips = Clips.read(audio, SECRET)
    assert clips.find(hello).kind == "espeak"
    assert clips.wav([clips.find(hello).name])
    assert [finding.code for finding in unplayed(line, audio)] == ["audio-broken"]
    with pytest.raises(NoSound):
        bind(audio, "nl", "welcome", hello.text)


def test_a_recording_that_nobody_may_read_is_passed_over(tmp_path):
    record(tmp_path)
    bind(tmp_path, "nl", "welcome", HELLO.text)
    path = tmp_path / "recordings/nl/welcome.wav"
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None
    Clips.fingerprint(tmp_path)


def test_a_built_clip_that_is_not_whole_is_not_played_until_it_is(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    (path,) = (tmp_path / "built/nl").glob("*.wav")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None
    path.write_bytes(whole)
    assert Clips.read(tmp_path, SECRET).find(HELLO)


def test_a_clip_that_is_still_being_copied_is_known_once_it_is_whole(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    (path,) = (tmp_path / "built/nl").glob("*.wav")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    clips = Clips.read(tmp_path, SECRET)
    assert clips.damaged_built == (path,)
    before = Clips.fingerprint(tmp_path, clips.damaged_built)
    path.write_bytes(whole)
    assert Clips.fingerprint(tmp_path, clips.damaged_built) != before
    assert Clips.read(tmp_path, SECRET).damaged_built == ()


def test_a_clip_that_is_not_whole_is_built_again(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    (path,) = (tmp_path / "built/nl").glob("*.wav")
    path.write_bytes(path.read_bytes()[:100])
    built(tmp_path, [HELLO], Espeak())
    assert Clips.read(tmp_path, SECRET).find(HELLO)


@pytest.mark.parametrize("samples", [[], [0.1], [0.0] * 8000, [float("nan")] * 8000])
def test_a_recording_in_which_nothing_is_to_be_heard_is_no_recording(tmp_path, samples):
    record(tmp_path)
    bind(tmp_path, "nl", "welcome", HELLO.text)
    soundfile.write(tmp_path / "recordings/nl/welcome.wav", np.array(samples), 8000, subtype="FLOAT")
    assert Clips.read(tmp_path, SECRET).find(HELLO) is None


def test_a_clip_that_is_lost_takes_only_itself_along_until_it_is_back(tmp_path):
    built(tmp_path, [HELLO, BYE], Espeak())
    clips = Clips.read(tmp_path, SECRET)
    names = [clips.find(HELLO).name, clips.find(BYE).name]
    path = clips.by_name[names[0]].path
    away = path.rename(tmp_path / "away")
    assert clips.wav(names) is None
    assert clips.wav(names, partly=True) == clips.wav(names[1:])
    away.rename(path)
    assert clips.wav(names) == clips.wav(names, partly=True)


def test_pieces_are_joined_with_a_short_silence_between(tmp_path):
    built(tmp_path, [HELLO, BYE], Espeak())
    clips = Clips.read(tmp_path, SECRET)
    names = [clips.find(HELLO).name, clips.find(BYE).name]
    apart = sum(seconds(clips.wav([name])) for name in names)
    assert seconds(clips.wav(names)) == pytest.approx(apart + 0.25, abs=0.001)


def test_a_file_that_no_document_asks_for_is_refused(tmp_path):
    texts = [Phrase("each", "nl", f"tekst {number}") for number in range(PLAY_PIECES + 1)]
    for number, phrase in enumerate(texts):
        clip(tmp_path, phrase, number, seconds=1)
    clips = Clips.read(tmp_path, SECRET)
    names = [clips.find(phrase).name for phrase in texts]
    for partly in (False, True):
        assert seconds(clips.wav(names[:60], partly=partly)) == pytest.approx(60 + 59 * 0.25)
        assert clips.wav(names[:61], partly=partly) is None  # 61 s with 15 s between
        assert clips.wav([names[0], names[1], names[0]], partly=partly) is None
    assert clips.text([names[0], names[0]]) is None
    assert clips.text(names) is None


def clip(audio, phrase, number, seconds):
    """A built clip of a phrase, that holds what no other holds."""
    folder = audio / f"built/{phrase.language}"
    folder.mkdir(parents=True, exist_ok=True)
    wav = as_wav(number.to_bytes(2) * int(RATE * seconds))
    path = folder / f"{text_hash(phrase.text)}-gtts-{content_hash(wav)}.wav"
    path.write_bytes(wav)
    path.with_suffix(".txt").write_text(phrase.text, "utf-8")
    return path


def test_many_short_pieces_are_refused_as_one_file(tmp_path):
    texts = [Phrase("each", "nl", f"tekst {number}") for number in range(PLAY_PIECES + 1)]
    for number, phrase in enumerate(texts):
        clip(tmp_path, phrase, number, seconds=0.1)
    clips = Clips.read(tmp_path, SECRET)
    names = [clips.find(phrase).name for phrase in texts]
    assert clips.wav(names[1:])
    assert clips.wav(names) is None


def test_names_tell_nothing_to_who_has_the_same_files_and_not_the_secret(tmp_path):
    built(tmp_path, [HELLO], Espeak())
    record(tmp_path, "farewell", "en")
    bind(tmp_path, "en", "farewell", BYE.text)
    ours, theirs, again = (
        Clips.read(tmp_path, naming_secret(token)).by_name.keys() for token in ("12345", "12346", "12345")
    )
    assert ours == again
    assert ours.isdisjoint(theirs)
    contents = {content_hash(path.read_bytes()) for path in tmp_path.rglob("*.wav")}
    for names in (ours, theirs):
        assert len(names) == 2
        assert contents.isdisjoint(names)
        assert {len(name) for name in names} == {16}


def test_the_names_of_clips_tell_nothing_of_the_auth_token():
    assert naming_secret("12345") not in {b"12345", sha256(b"12345").digest()}
    assert naming_secret("12345") != naming_secret("12346")


def test_what_was_joined_once_is_ready_without_a_file(tmp_path):
    paths = [clip(tmp_path, phrase, number, 1) for number, phrase in enumerate([HELLO, BYE])]
    clips = Clips.read(tmp_path, b"ready")
    names = [clips.find(HELLO).name, clips.find(BYE).name]
    assert clips.cached(names) is None
    whole = clips.wav(names)
    for path in paths:
        path.unlink()
    assert clips.cached(names) is whole
    assert clips.wav(names) is whole
    assert clips.cached(names[::-1]) is None  # joined in another order it is another file
    assert Clips.read(tmp_path, b"ready").cached(names) is None  # and nobody asks for what is gone


def test_who_joins_the_same_at_the_same_time_gets_the_same(tmp_path):
    clip(tmp_path, HELLO, 7, 2)
    clips = Clips.read(tmp_path, b"together")
    name = clips.find(HELLO).name
    with ThreadPoolExecutor(8) as threads:
        assert len({id(wav) for wav in threads.map(lambda _: clips.wav([name]), range(64))}) == 1


def test_what_a_worker_keeps_ready_is_bounded_by_its_bytes(tmp_path):
    for number in range(20):
        clip(tmp_path, Phrase("each", "nl", f"lang {number}"), number, seconds=60)
    clips = Clips.read(tmp_path, b"bounded")
    for name in clips.by_name:
        assert clips.wav([name])
    kept = [wav for name in clips.by_name if (wav := clips.cached([name]))]
    assert 0 < len(kept) < 20
    assert _cache.currsize == sum(map(len, _cache.values())) <= SOUND_BYTES


@pytest.mark.parametrize("volume", [0.01, 0.1, 0.9])
def test_loud_and_soft_speech_come_out_alike(volume):
    rate = 22050
    tone = volume * np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype("float32")
    quiet = np.zeros(rate, dtype="float32")
    sound = even(np.concatenate([quiet, tone, quiet]), rate)
    assert np.sqrt((sound**2).mean()) == pytest.approx(0.1, rel=0.1)
    assert len(sound) / RATE == pytest.approx(1.1, abs=0.05)  # the silence at both ends is gone


def test_espeak_speaks_dutch_and_english_and_pauses_where_the_text_does():
    plain, paused = (seconds(spoken(Espeak(), text, "nl")) for text in ("nul negen", "nul … negen"))
    assert paused > plain + 0.2
    assert spoken(Espeak(), "nine", "en") != spoken(Espeak(), "nine", "nl")


def test_a_worker_without_recordings_loads_no_numpy():
    code = "import sys, ivr.serving.serve; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_all_machines_of_a_line_know_each_others_names_and_no_other_line_does(tmp_path):
    home = make_real(tmp_path)
    clip(home.audio, HELLO, 7, 1)

    def names(token):
        made = WorkerFactory(Context(home, "nl", {}), token, PUBLIC, counts=tmp_path)()
        return made.threads["files"].__self__.snapshot.clips.by_name.keys()

    assert names("12345") == names("12345")
    assert names("12345").isdisjoint(names("12346"))
