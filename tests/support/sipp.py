"""Far ends that refuse: SIPp, with a scenario of our own."""

from contextlib import contextmanager
from types import SimpleNamespace

from support.machines import Program, free_port, needed

_REFUSES = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="refuses">
<recv request="INVITE"/>
<send retrans="500"><![CDATA[

SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="ACK"/>
</scenario>
"""


@contextmanager
def refusing(folder, status):
    """A far end that answers each INVITE with this status line; `uri`."""
    file, port = folder / f"refuses-{status[:3]}.xml", free_port()
    file.write_text(_REFUSES.format(status=status), "utf-8")
    command = [needed("sipp", "sip-tester"), "-sf", str(file), "-i", "127.0.0.1", "-p", str(port), "-nostdin"]
    running = Program(command, folder / "sipp.log", cwd=folder)
    try:
        yield SimpleNamespace(uri=f"sip:far@127.0.0.1:{port}")
    finally:
        running.kill()
