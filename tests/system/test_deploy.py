"""The examples in `deploy/`: each is tried by the program that it is for, where that is installed."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from support.homes import HERE
from support.machines import DEPLOY, Program, free_port, needed, own_network

from ivr.cli.main import main
from ivr.cli.ring_check import NOT_NOW
from ivr.config import environment
from ivr.model.limits import CONNECTIONS, PLAY_BYTES
from ivr.model.telephone import PORT
from ivr.speech.wav import as_wav
from ivr.telephone.stack import SOUND_PORTS

CONSOLE = DEPLOY / "balielijn-console.service"
UNITS = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted([*DEPLOY.glob("*.timer"), *DEPLOY.glob("*.socket")])
SCRIPTS = sorted(DEPLOY.glob("*.sh"))
ALERTS = yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))
RULES = {rule["alert"]: rule for rule in ALERTS["groups"][0]["rules"]}
TRIED = yaml.safe_load((HERE / "alerts.yaml").read_text("utf-8"))
TELEPHONY = (DEPLOY.parent / "docs/telephony.md").read_text("utf-8")
INSTALLED = "/opt/balielijn/.venv/bin/ivr"
EXPOSED = 1.5
"""What `systemd-analyze security` may find at most; 0 is nothing, 10 is all, and under 2 it says OK."""


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def named(unit):
    return pytest.mark.parametrize("file", unit, ids=lambda file: file.name)


@named([*UNITS, *TIMERS])
def test_systemd_finds_nothing_to_say_about_a_unit(file, tmp_path):
    program = needed("systemd-analyze", "systemd")
    for each in [*UNITS, *TIMERS]:
        text = each.read_text("utf-8").replace("/opt/balielijn/deploy", str(DEPLOY))
        (tmp_path / each.name).write_text(text.replace(INSTALLED, str(Path(sys.executable).with_name("ivr"))))
    assert run(program, "verify", "--man=no", str(tmp_path / file.name)) == (0, "")


@named(UNITS)
def test_a_unit_shuts_what_it_does_not_need(file):
    program = needed("systemd-analyze", "systemd")
    limit = f"--threshold={int(EXPOSED * 10)}"
    code, told = run(program, "security", "--offline=yes", limit, "--no-pager", str(file))
    assert code == 0, told[-400:]


def test_all_units_are_shut_in_the_same_way():
    blocks = {file.read_text("utf-8").partition("UMask=")[2].partition("\n[Install]")[0] for file in UNITS}
    assert len(blocks) == 1


def settings_of(file):
    """The settings of a unit, those that come more than once with their last value."""
    return dict(re.findall(r"^(\w+)=(.*)$", file.read_text("utf-8"), re.MULTILINE))


def commands_of(file):
    return re.findall(r"^ExecStart=(.+)$", file.read_text("utf-8"), re.MULTILINE)


@named([*UNITS, DEPLOY / "README.md"])
def test_a_unit_runs_what_there_is(file):
    for program, *arguments in map(shlex.split, commands_of(file)):
        if program == INSTALLED:
            name, *options = arguments
            command = main.get_command(click.Context(main), name)
            command.make_context(name, options)  # refuses what it does not know
        else:
            assert os.access(DEPLOY / Path(program).name, os.X_OK)


@named(UNITS)
def test_a_unit_reads_the_settings_where_the_readme_puts_them(file):
    told = (DEPLOY / "README.md").read_text("utf-8")
    name = "console.env" if file == CONSOLE else "balielijn.env"
    (folder,) = re.findall(rf"^\| `{name}` \| `(.+?)`", told, re.MULTILINE)
    assert settings_of(file)["EnvironmentFile"] == f"{folder}{name}"


@named(UNITS)
def test_what_a_unit_keeps_is_for_nobody_else_to_read(file):
    kept = settings_of(file)
    assert (kept["StateDirectory"], kept["StateDirectoryMode"], kept["UMask"]) == (
        "balielijn-console" if file == CONSOLE else "balielijn",
        "0700",
        "0077",
    )


@pytest.mark.parametrize("unit", ["doctor", "backup", "ring-check", "remind"])
def test_a_unit_that_fails_is_mailed_to_the_operator(unit):
    """As `balielijn-mail@<unit>.service`, whose instance names the unit that failed."""
    assert settings_of(DEPLOY / f"balielijn-{unit}.service")["OnFailure"] == "balielijn-mail@%n.service"
    assert commands_of(DEPLOY / "balielijn-mail@.service") == [f"{INSTALLED} remind --failed %i"]
    assert "OnFailure" not in settings_of(DEPLOY / "balielijn-mail@.service")


def test_a_ring_check_at_an_hour_at_which_nobody_may_be_called_is_no_failure():
    assert int(settings_of(DEPLOY / "balielijn-ring-check.service")["SuccessExitStatus"]) == NOT_NOW


def test_the_line_comes_back_however_often_it_falls():
    kept = settings_of(DEPLOY / "balielijn.service")
    assert (kept["Restart"], kept["StartLimitIntervalSec"]) == ("always", "0")


def test_the_lines_memory_and_connections_are_bounded_and_one_that_hangs_is_ended():
    kept = settings_of(DEPLOY / "balielijn.service")
    assert kept["MemoryMax"] == "1G"
    assert int(kept["LimitNOFILE"]) > 2 * CONNECTIONS
    assert int(kept["WatchdogSec"]) > 10
    assert int(kept["TimeoutStopSec"]) > 10


def test_the_line_listens_where_the_proxies_look_for_it():
    (address,) = re.findall(r"^ListenStream=(.+)$", (DEPLOY / "balielijn.socket").read_text(), re.MULTILINE)
    assert f"reverse_proxy {address} " in (DEPLOY / "Caddyfile").read_text("utf-8")
    assert f"`{address}`" in (DEPLOY.parent / "README.md").read_text("utf-8")
    assert "--port" not in settings_of(DEPLOY / "balielijn.service")["ExecStart"]


@pytest.mark.slow
def test_the_line_tells_systemd_that_it_is_ready(home, tmp_path):
    """Type=notify: or systemd would wait for it and end it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--demo"]
        env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        line = Program([*command, "--port", str(free_port())], tmp_path / "serve.log", env=env)
        try:
            assert systemd.recv(1000).startswith(b"READY=1")
        finally:
            line.kill(signal.SIGTERM)


def test_the_environment_file_and_the_code_know_the_same_names():
    told = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (DEPLOY / "balielijn.env").read_text("utf-8"), re.MULTILINE))
    known = set(re.findall(r"\b(?:IVR|TWILIO)_[A-Z_]+\b", environment.__doc__))
    options = {option.envvar for option in main.params if option.envvar}
    assert told == known | options


def test_the_consoles_settings_are_known_ones_and_none_is_of_the_account():
    text = (DEPLOY / "console.env").read_text("utf-8")
    told = re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE)
    known = set(re.findall(r"\bIVR_[A-Z_]+\b", environment.__doc__))
    assert {name for name, _ in told} <= known
    assert dict(told)["IVR_ENV_FILE"] == settings_of(CONSOLE)["EnvironmentFile"]
    assert dict(told)["IVR_STATE"] == f"/var/lib/{settings_of(CONSOLE)['StateDirectory']}"


def test_the_console_has_a_user_of_its_own_and_cannot_open_what_is_the_lines():
    line, console = (settings_of(file) for file in (DEPLOY / "balielijn.service", CONSOLE))
    assert (console["User"], console["Group"]) == ("balielijn-console", "balielijn-console")
    shut = console["InaccessiblePaths"].replace("-/", "/").split()
    assert {str(Path(line["EnvironmentFile"]).parent), f"/var/lib/{line['StateDirectory']}"} <= set(shut)
    assert "console" not in (DEPLOY / "balielijn.service").read_text("utf-8")


def test_the_environment_file_holds_no_secret_and_explains_each_name():
    text = (DEPLOY / "balielijn.env").read_text("utf-8")
    for name, value in re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE):
        assert not value or not re.search("TOKEN|SECRET|KEY|SID", name)
    for before, line in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        assert not re.match("#?[A-Z_]+=", line) or before.startswith("#") or re.match("[A-Z_]+=", before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access_log", "off"),
        ("client_max_body_size", "64k"),
        ("client_body_buffer_size", "64k"),
        ("proxy_max_temp_file_size", "0"),
        ("ssl_protocols", "TLSv1.2 TLSv1.3"),
        ("client_header_timeout", "10s"),
        ("client_body_timeout", "10s"),
        ("send_timeout", "10s"),
        ("limit_conn", "balielijn-connections 64"),
        ("proxy_read_timeout", "4s"),
    ],
)
def test_nginx_keeps_its_promises_everywhere(name, value):
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert re.findall(rf"^\s*{name}\s+(.+?);", text, re.MULTILINE) == [value]


def test_nginx_has_room_for_the_longest_clip_in_memory():
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    number, size = re.search(r"location /audio/ \{\s+proxy_buffers (\d+) (\d+)k;", text).groups()
    assert int(number) * int(size) * 1024 >= PLAY_BYTES + len(as_wav(b""))


def test_caddy_takes_its_file_and_would_not_write_it_otherwise(tmp_path):
    file = DEPLOY / "Caddyfile"
    program = needed("caddy", "caddy")
    env = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    code, told = run(program, "validate", "--adapter", "caddyfile", "--config", str(file), env=env)
    assert code == 0, told
    code, written = run(program, "fmt", str(file), env=env)
    assert written.strip() == file.read_text("utf-8").strip()


def test_prometheus_takes_its_files():
    program = needed("promtool", "prometheus")
    code, told = run(program, "check", "config", str(DEPLOY / "prometheus.yaml"))
    assert code == 0, told
    assert f"{len(RULES)} rules found" in told


def test_each_rule_says_what_is_wrong_and_what_to_do():
    assert set(TRIED) == set(RULES)
    for rule in RULES.values():
        assert rule["labels"]["severity"] in {"page", "look"}
        assert rule["annotations"]["summary"].endswith(".")
        assert len(rule["annotations"]["todo"]) > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_silent_until_it_has_something_to_tell(name, tmp_path):
    program = needed("promtool", "prometheus")
    tried = TRIED[name]
    of = tried.get("of", {})
    annotations = {
        key: text.replace("{{ $labels.instance }}", of.get("instance", ""))
        for key, text in RULES[name]["annotations"].items()
    }
    alert = {"exp_labels": RULES[name]["labels"] | of, "exp_annotations": annotations}
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in tried["series"].items()],
        "alert_rule_test": [
            {"alertname": name, "eval_time": f"{tried['silent']}m"},
            {"alertname": name, "eval_time": f"{tried['tells']}m", "exp_alerts": [alert]},
        ],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(DEPLOY / "alerts.yaml")], "tests": [test]}), "utf-8")
    code, told = run(program, "test", "rules", str(file))
    assert code == 0, told


@pytest.mark.parametrize("file", ["nftables.conf", "nftables-line.conf"])
def test_nft_takes_its_files(file):
    program = needed("nft", "nftables")
    assert run(*own_network(), program, "--check", "--file", str(DEPLOY / file)) == (0, "")


def test_the_firewall_opens_the_ports_on_which_the_line_is_called():
    rules = (DEPLOY / "nftables.conf").read_text("utf-8")
    defined = re.findall(r"^define (\w+) = (.+)$", rules, re.MULTILINE)
    (listen,) = re.findall(r"^listen: [\d.]+:(\d+)", TELEPHONY, re.MULTILINE)
    first, last = SOUND_PORTS
    assert dict(defined)["sip"] == listen == str(PORT)
    assert dict(defined)["sound"] == f"{first}-{last}"


def test_the_scripts_are_well_written():
    for script in SCRIPTS:
        assert run(needed("bash", "bash"), "-n", str(script)) == (0, "")
    shellcheck = needed("shellcheck", "shellcheck")
    assert run(shellcheck, *map(str, SCRIPTS), cwd=DEPLOY.parent) == (0, "")
