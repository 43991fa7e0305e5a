"""Stands in for the program piper: takes its options and its lines, writes its files, and has its moods."""

import json

import numpy as np
import soundfile

RATE = 22050
_PROGRAM = """#!/bin/sh
# piper --model VOICE --output-dir FOLDER: one sound for each line, named after a rising number.
{{ echo "$2"; env; }} >> {told}.env
number=8
while read -r line; do
    echo "$2 $line" >> {told}
    number=$((number + 1))
    cp {folder}/tone-$number.wav "$4/$number.wav"
done
{mood}
"""
MOODS = {
    "well": "",
    "fails": 'echo "Traceback" >&2; echo "InvalidProtobuf: Load model failed" >&2; exit 1',
    "hangs": "exec sleep 60",
    "loses": 'rm "$4/9.wav"',
    "noise": 'echo "no sound at all" > "$4/9.wav"',
}


class Program:
    """The stand-in at `path`; the first tone has 0.3 s, each further one 0.1 s more."""

    def __init__(self, folder, mood="well"):
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(9, 20):
            seconds = 0.3 + 0.1 * (number - 9)
            tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * RATE)) / RATE)
            soundfile.write(folder / f"tone-{number}.wav", tone, RATE)
        self._told = folder / "told"
        self.path = folder / "piper"
        self.path.write_text(_PROGRAM.format(told=self._told, folder=folder, mood=MOODS[mood]), "utf-8")
        self.path.chmod(0o755)

    @property
    def told(self):
        """Pairs of the voice and the line that it was to speak."""
        lines = self._told.read_text("utf-8").splitlines() if self._told.exists() else []
        return [tuple(line.split(" ", 1)) for line in lines]

    @property
    def environment(self):
        return self._told.with_suffix(".env").read_text("utf-8")


def voice(folder, language, settings=None):
    """The two files of a voice that nobody can speak with."""
    file = folder / f"{language}-test.onnx"
    file.write_bytes(b"ONNX")
    settings = settings or {"language": {"code": language}, "espeak": {"voice": language}}
    file.with_name(f"{file.name}.json").write_text(json.dumps(settings), "utf-8")
    return file
