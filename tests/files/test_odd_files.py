"""Whatever a file of the home is or brings about: it is told, and the line answers, and starts again."""

import os
import tracemalloc
from queue import Queue
from threading import Event, Thread

import numpy as np
import pytest
import soundfile
from support.homes import NOON, TOWN, contact, edit, typed

from ivr import checks
from ivr.config import source
from ivr.config.last_good import LastGood
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.disk import reading
from ivr.model.files import CLOSURE, MENU, SETTINGS, prompts
from ivr.model.limits import FILE_BYTES, PLAY_BYTES, SLOW_LOOK_SECONDS
from ivr.speech.clips import Clips
from ivr.speech.inventory import unplayed
from ivr.speech.sounds import content_hash, is_whole, text_hash
from ivr.speech.wav import as_wav

OLD, NEW = "020-000 00 03", "020-000 00 07"
SECRET = b"of this home"
HELLO = "Goedendag."


def within(seconds, work):
    """What work gives, or a failure where it takes longer; a thread that hangs ends with the tests."""
    given = Queue()
    Thread(target=lambda: given.put(work()), daemon=True).start()
    return given.get(timeout=seconds)


def codes(findings):
    return {finding.code for finding in findings}


def built(audio, samples=b"\0\1" * 800):
    """One whole built clip."""
    folder = audio / "built/nl"
    folder.mkdir(parents=True, exist_ok=True)
    wav = as_wav(samples)
    path = folder / f"{text_hash(HELLO)}-gtts-{content_hash(wav)}.wav"
    path.write_bytes(wav)
    path.with_suffix(".txt").write_text(HELLO, "utf-8")
    return path


def recorded(audio):
    folder = audio / "recordings/nl"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "welcome.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(8000)), 8000)
    path.with_suffix(".txt").write_text(HELLO, "utf-8")
    return path


def ivr(home, *arguments):
    return typed("--home", home.root, *arguments)


# What raises


@pytest.fixture
def overflowing(monkeypatch):
    """A check that breaks off at one municipality, in the middle of the others."""

    def breaks_off(line, _):
        for name, municipality in line.municipalities.items():
            if municipality.name == "gemeente Voorbeeldstad":
                raise OverflowError("9999")
            yield from checks.municipalities.no_voicemail_takes_a_call(line, name)

    monkeypatch.setattr(checks, "ALL", (breaks_off, *checks.ALL))


def test_a_check_that_breaks_off_is_told_at_the_file_that_it_broke_off_at(home, overflowing):
    (error,) = read(home, NOON).errors
    assert (error.code, error.file) == ("reading-broken", TOWN)
    assert error.values["why"].startswith("OverflowError")


def test_a_check_that_breaks_off_hides_nothing_that_the_others_find(home, overflowing):
    edit(home, "020-000 00 03", "020-000 00 01")
    assert {"reading-broken", "number-of-line", "accept-off"} <= codes(read(home, NOON).findings)


def test_a_check_that_breaks_off_whoever_the_municipalities_are_blames_none_of_them(home, monkeypatch):
    monkeypatch.setattr(checks, "ALL", (lambda line, _: 1 / 0, *checks.ALL))
    (error,) = read(home, NOON).errors
    assert (error.code, error.file) == ("reading-broken", ".")


@pytest.mark.parametrize("file", [SETTINGS, MENU, TOWN, prompts("nl")])
def test_whatever_a_file_brings_about_is_told_and_what_was_good_stays_and_starts_again(
    home, tmp_path, monkeypatch, file
):
    state = tmp_path / "state"
    state.mkdir()

    def start():
        return Live(home, lambda: NOON, public=False, last_good=LastGood(state))

    running, parse = start(), source.parse

    def raises(text, file):
        if "# raises" in text:
            raise RecursionError
        return parse(text, file)

    monkeypatch.setattr(source, "parse", raises)
    with (home.root / file).open("a") as changed:
        changed.write("# raises\n")
    running.look()
    for live in (running, start()):
        assert contact(live) == "+31200000003"
        assert live.snapshot.degraded
        assert "reading-broken" in codes(live.snapshot.findings)
    answer = ivr(home, "check")
    assert (answer.exit_code, answer.exception.__class__) == (1, SystemExit)
    assert (
        f"{file}:1: fout [reading-broken]\n  Bij het nakijken hiervan ging iets mis (RecursionError"
        in answer.output
    )


def test_a_new_number_is_taken_although_the_clips_cannot_be_listed(home, tmp_path, monkeypatch):
    live = Live(home, lambda: NOON, public=False)

    def raises(*_):
        raise RuntimeError

    monkeypatch.setattr(Clips, "read", raises)
    edit(home, OLD, NEW)
    live.look()
    assert contact(live) == "+31200000007"
    assert "reading-broken" in codes(live.snapshot.findings)


@pytest.mark.parametrize("value", [0x00, 0x7F, 0xFF])
def test_one_wrong_byte_in_a_built_clip_costs_that_clip_alone(line, home, value):
    other, path = built(home.audio), built(home.audio, b"\0\2" * 900)
    whole = path.read_bytes()
    for place in range(44):
        content = bytearray(whole)
        content[place] = value if content[place] != value else 0x80
        path.write_bytes(content)
        clips = Clips.read(home.audio, SECRET)
        assert other in {clip.path for clip in clips.by_name.values()}
        for name in clips.by_name:
            clips.wav([name])
        told = list(unplayed(line, home.audio))
        assert {finding.file for finding in told} == {path.relative_to(home.root).as_posix()}
        assert codes(told) <= {"audio-damaged", "audio-long"}


def test_a_new_number_is_taken_although_a_byte_of_a_built_clip_is_wrong(home):
    live = Live(home, lambda: NOON, public=False)
    path = built(home.audio)
    content = bytearray(path.read_bytes())
    content[18] = 0xFF  # more than the whole file, as a part of it
    path.write_bytes(content)
    edit(home, OLD, NEW)
    live.look()
    assert contact(live) == "+31200000007"
    assert not live.snapshot.degraded


@pytest.mark.parametrize("place", [18, 100])
def test_a_clip_that_is_not_what_was_built_is_told_by_check_and_no_command_fails(home, place):
    path = built(home.audio)
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    answer = ivr(home, "check")
    assert answer.exit_code == 0
    assert f"audio/built/nl/{path.name}:1: let op [audio-damaged]" in answer.output
    assert ivr(home, "audio", "list").exit_code == 0


def test_a_file_name_that_is_no_text_is_told(home):
    folder = os.fsencode(home.root / "config/municipalities")
    with open(folder + b"/st\xff.yaml", "w"):  # noqa: PTH123
        pass
    for command in (["check"], ["check", "--json"]):
        answer = ivr(home, *command)
        assert answer.exit_code == 1
        assert "file-name" in answer.output


# What blocks, or never ends


def odd(kind, path):
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")


each_kind = pytest.mark.parametrize("kind", ["fifo", "/dev/zero"])


@each_kind
@pytest.mark.parametrize("file", [SETTINGS, MENU, TOWN, CLOSURE, prompts("en")])
def test_a_file_that_is_none_is_told_and_nobody_waits_for_it(home, file, kind):
    live = Live(home, lambda: NOON, public=False)
    odd(kind, home.root / file)
    (finding,) = within(5, lambda: read(home, NOON, erases=True).errors)
    assert (finding.code, finding.file) == ("file-irregular", file)
    within(5, live.look)
    assert contact(live) == "+31200000003"
    assert live.snapshot.degraded


@each_kind
@pytest.mark.parametrize("make", [built, recorded])
@pytest.mark.parametrize("suffix", [".wav", ".txt"])
def test_nobody_waits_for_a_clip_that_is_no_file(home, make, suffix, kind):
    odd(kind, make(home.audio).with_suffix(suffix))
    live = within(5, lambda: Live(home, lambda: NOON, public=False))
    clips = live.snapshot.clips
    assert bool(clips.by_name) == (make is built and suffix == ".txt")
    within(5, lambda: clips.text(list(clips.by_name)))
    for command in (["check"], ["audio", "list"]):
        assert within(20, lambda command=command: ivr(home, *command)).exit_code == 0
    assert bool(codes(clips.findings) & {"audio-broken", "audio-damaged"}) == (suffix == ".wav")


@each_kind
def test_what_is_kept_of_a_good_reading_waits_for_no_file(home, tmp_path, kind):
    state = tmp_path / "state"
    state.mkdir()
    seen = home.fingerprint()
    odd(kind, home.root / TOWN)
    within(5, lambda: LastGood(state).save(home, seen))
    assert list(state.iterdir()) == []


def test_no_more_is_read_than_a_file_may_have(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"1" * 10)
    assert reading.read(path, 10) == b"1" * 10
    with pytest.raises(reading.TooLarge):
        reading.read(path, 9)
    # Of size 0 as told, and never so.
    with pytest.raises(reading.TooLarge):
        reading.read("/proc/self/maps", 9)


def test_a_file_that_is_much_too_large_takes_no_room(home):
    os.truncate(home.root / TOWN, 10**9)
    tracemalloc.start()
    try:
        (finding,) = read(home, NOON, erases=True).errors
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert finding.code == "file-large"
    assert most < 20 * FILE_BYTES


@pytest.fixture
def crowd(monkeypatch):
    monkeypatch.setattr("ivr.config.home.FOLDER_ENTRIES", 10)
    monkeypatch.setattr("ivr.speech.sounds.FOLDER_ENTRIES", 10)
    monkeypatch.setattr("ivr.speech.clips.FOLDER_ENTRIES", 10)
    monkeypatch.setattr("ivr.speech.sounds.BUILT_ENTRIES", 10)

    def crowd(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(10):
            (folder / f"{number}.txt").touch()
        (folder / "a-b-c.wav").touch()

    return crowd


def test_a_folder_with_far_too_many_files_is_told_and_what_was_good_stays(home, crowd):
    live = Live(home, lambda: NOON, public=False)
    crowd(home.root / "config/municipalities")
    live.look()
    assert [(each.code, each.file) for each in live.snapshot.findings if each.severity == "error"] == [
        ("folder-large", "config/municipalities")
    ]
    assert contact(live) == "+31200000003"
    for number in range(10):
        (home.root / f"config/municipalities/{number}.txt").unlink()
    edit(home, OLD, NEW)
    live.look()
    assert contact(live) == "+31200000007"


@pytest.mark.parametrize("folder", ["built", "recordings"])
def test_a_folder_with_far_too_many_sounds_is_told_and_its_texts_are_said(home, crowd, folder):
    crowd(home.audio / f"{folder}/nl")
    live = Live(home, lambda: NOON, public=False)
    assert ("folder-large", f"audio/{folder}/nl") in {
        (each.code, each.file) for each in live.snapshot.findings
    }
    assert live.snapshot.clips.by_name == {}
    assert ivr(home, "audio", "list").exit_code == 0


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("welcome: a\n---\nwelcome: b\n", "yaml-syntax", 2),
        ("welcome: a\n...\nwelcome: b\n", "yaml-syntax", 3),
        ("welcome: a\n? [b, c]\n: d\n", "yaml-key", 2),
        ("welcome: a\nwelcome: {b: *c}\n", "setting-double", 2),
        ("welcome: b\nother: *a\n", "yaml-alias", 2),
        (f"? {'[' * 30}{']' * 30}\n: b\n", "yaml-deep", 1),
        (f"a: b\na: {'{c: ' * 30}{'}' * 30}\n", "yaml-deep", 1),
        ("# nothing\n", "file-empty", 1),
        ("--- # nothing\n", "empty", 1),
    ],
)
def test_odd_yaml_is_told_by_its_line(text, code, line):
    read = source.parse(text, "file")
    found = [(finding.code, finding.line) for finding in read.findings]
    assert found == ([] if code == "empty" else [(code, line)])
    assert code != "empty" or not read.value


# A look that is not finished


def test_a_watcher_that_is_long_at_one_look_is_late_and_not_before(home, monkeypatch):
    moment, looking, go_on = [0.0], Event(), Event()
    live = Live(home, lambda: NOON, public=False, monotonic=lambda: moment[0])
    moment[0] += 1000
    assert not live.late  # nobody watches
    fingerprint = type(home).fingerprint

    def hangs(self):
        looking.set()
        assert go_on.wait(30)
        return fingerprint(self)

    monkeypatch.setattr("ivr.config.home.Home.fingerprint", hangs)
    monkeypatch.setattr("ivr.config.live.RELOAD_SECONDS", 0.001)
    stop, before = Event(), live.looks
    watcher = Thread(target=live.watch, args=(stop,))
    watcher.start()
    try:
        assert looking.wait(30)
        assert not live.late
        moment[0] += SLOW_LOOK_SECONDS + 1
        assert live.late
        assert live.looks == before
        # An answer is made meanwhile.
        assert within(5, lambda: live.snapshot.line)
    finally:
        stop.set()
        go_on.set()
        watcher.join()
    assert live.looks == before + 1
    assert not live.late


def test_each_look_that_is_finished_is_counted_also_one_that_failed(home):
    moments = [NOON]
    live = Live(home, lambda: moments[-1], public=False)
    before = live.looks
    live.look()
    moments.clear()
    live.look()
    assert live.looks == before + 2


# Sound that is larger than it looks


def long_flac(path):
    """Half an hour of hardly anything, which takes a hundredth of its room."""
    with soundfile.SoundFile(path, "w", 8000, 1, format="FLAC") as file:
        for _ in range(30):
            file.write(np.zeros(8000 * 60) + 0.1)


def sparse(path):
    os.truncate(path, 10**9)


def many_channels(path):
    soundfile.write(path, np.zeros((800, 16)) + 0.1, 8000, format="WAV")


def odd_rate(path):
    soundfile.write(path, np.zeros(8000) + 0.1, 1, format="WAV")


@pytest.mark.parametrize("make", [long_flac, sparse, many_channels, odd_rate])
def test_a_recording_that_would_take_far_more_room_than_a_clip_is_told_and_never_decoded(home, make):
    path = recorded(home.audio)
    assert len(Clips.read(home.audio, SECRET).by_name) == 1
    make(path)
    tracemalloc.start()
    try:
        clips = within(5, lambda: Clips.read(home.audio, SECRET))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10**7
    assert clips.by_name == {}
    assert [(each.code, each.file) for each in clips.findings] == [
        ("audio-long", "audio/recordings/nl/welcome.wav")
    ]
    answer = ivr(home, "check")
    assert answer.exit_code == 0
    assert "audio-long" in answer.output


def test_a_built_clip_that_is_too_long_to_play_is_said_and_told_and_not_built_again(home):
    path = built(home.audio, b"\0\1" * (PLAY_BYTES // 2 + 1))
    clips = Clips.read(home.audio, SECRET)
    assert clips.by_name == {}
    assert [(each.code, each.file) for each in clips.findings] == [
        ("audio-long", path.relative_to(home.root).as_posix())
    ]
    assert is_whole(path)  # by which `audio build` goes
