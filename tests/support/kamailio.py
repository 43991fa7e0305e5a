"""An office's exchange for the tests: Debian's Kamailio, which registers with digest and routes by number."""

from contextlib import contextmanager

from support.machines import Program, free_port, needed

PASSWORD = "not-a-secret"
_SETTINGS = """
debug=1
log_stderror=yes
children=1
auto_aliases=no
alias="127.0.0.1:{port}"
listen=udp:127.0.0.1:{port}
disable_tcp=yes
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "xlog.so"
request_route {{
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{ loose_route(); t_relay(); exit; }}
    if (is_method("REGISTER|INVITE") && $fU == "meldlijn" || is_method("INVITE") && $fU =~ "^\\+") {{
        if (!pv_auth_check("127.0.0.1", "{password}", "0", "0")) {{
            if (is_present_hf("Authorization")) xlog("L_ERR", "refused $fU\n");
            auth_challenge("127.0.0.1", "1");
            exit;
        }}
        consume_credentials();
    }}
    if (is_method("REGISTER")) {{ xlog("L_ERR", "registered $fU\\n"); save("location"); exit; }}
    record_route();
    if ($rU == "{far_end}") {{ $du = "sip:127.0.0.1:{far_end_port}"; t_relay(); exit; }}
    if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
    t_relay();
}}
"""


class Kamailio:
    """An exchange that runs; `host` (with its port)."""

    def __init__(self, host, program):
        self.host, self._program = host, program

    def registered(self):
        return "registered meldlijn" in self._program.said()

    def until_registered(self):
        self._program.until(self.registered)

    def until_refused(self):
        self._program.until(lambda: "refused meldlijn" in self._program.said())


@contextmanager
def exchange(folder, far_end):
    """An exchange at which `meldlijn` registers, and through which a telephone is rung."""
    port = free_port()
    file = folder / "kamailio.cfg"
    file.write_text(
        _SETTINGS.format(port=port, password=PASSWORD, far_end=far_end.name, far_end_port=far_end.port),
        "utf-8",
    )
    command = [
        needed("kamailio", "kamailio"),
        "-DD",
        "-E",
        "-f",
        str(file),
        "-Y",
        str(folder),
        "-w",
        str(folder),
    ]
    running = Program(command, folder / "kamailio.log")
    try:
        running.until(lambda: "Listening on" in running.said())
        yield Kamailio(f"127.0.0.1:{port}", running)
    finally:
        running.kill()
