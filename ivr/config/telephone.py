"""Reads config/telephone.yaml. It is no part of a reading: an error in it takes no line out of use."""

from dataclasses import replace

from pydantic_core import PydanticCustomError

from ivr.checks import telephone as checks
from ivr.config import shapes, source
from ivr.config.capping import capped
from ivr.config.home import Home
from ivr.config.source import Source
from ivr.model.files import TELEPHONE
from ivr.model.findings import Finding, Path, Severity
from ivr.model.line import Line
from ivr.model.numbers import read_endpoint
from ivr.model.telephone import Telephone, read_user


def read_telephone(home: Home, line: Line | None) -> tuple[Telephone | None, tuple[Finding, ...]]:
    """Read the file, and compare it with the line, if there is one. Without a file: the defaults.

    Returns None where a finding is an error.
    """
    if not (home.root / TELEPHONE).exists():
        return Telephone(), ()
    text = source.read(home.root / TELEPHONE, TELEPHONE)
    settings, found = shapes.read(text, Telephone)
    findings = [*text.findings, *found]
    if settings and line:
        findings += (_placed(each, text) for each in checks.findings(line, settings))
    findings.sort(key=lambda finding: finding.line)
    good = all(finding.severity is not Severity.ERROR for finding in findings)
    return settings if good else None, tuple(capped(findings))


def _placed(finding: Finding, text: Source) -> Finding:
    """Return a finding with its path and line as the file has them."""
    path = text.place(_as_written(finding.path, text))
    return replace(finding, path=path, line=text.line(path))


def _as_written(path: Path, text: Source) -> Path:
    """Return a path with the key of a mapping as the file has it, in place of what it was read as."""
    mapping, *rest = path
    written = text.value[mapping]
    return (mapping, next(key for key in written if _read(key) == rest[0])) if len(rest) == 1 else path


def _read(key: str) -> str:
    """Read a key of `routes` or `lines`."""
    try:
        return read_endpoint(key)
    except PydanticCustomError:
        return read_user(key)
