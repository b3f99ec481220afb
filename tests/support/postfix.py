"""A private Postfix on loopback that keeps every mail that it is given, as Debian ships it."""

import asyncio
import os
import pwd
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal import children
from portal.ports import free_port
from shared.clock import monotonic
from tests.support.certificates import written
from tests.support.scratch import scratch_folder

PASSWORD: Final = "correct horse"
UNKNOWN: Final = "nobody@acme.example"
LATER: Final = "later@acme.example"
GONE: Final = "gone@acme.example"
"""Taken, and then returned."""
_PROGRAMS: Final = Path("/usr/lib/postfix/sbin")
_SECONDS: Final = 30
_SETTINGS: Final = """\
compatibility_level = 3.6
meta_directory = /etc/postfix
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/server.pem
smtpd_forbid_bare_newline = reject
smtpd_forbid_unauth_pipelining = yes
smtpd_error_sleep_time = 0
smtpd_recipient_restrictions =
  check_recipient_access texthash:{folder}/etc/access, permit_mynetworks, reject
transport_maps = texthash:{folder}/etc/transport
virtual_mailbox_domains = acme.example, xn--mller-kva.example, portal.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = regexp:{folder}/etc/mailboxes
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
virtual_minimum_uid = 1
"""
_SERVICES: Final = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{further} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o {{ smtpd_recipient_restrictions = check_recipient_access static:{{550 5.1.1 Gone for good}} }}
smtp unix - - n - - smtp
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
_MAILBOXES: Final = """\
if !/^nobody@/
/@/ inbox/
endif
"""
_SASL: Final = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/etc/sasl/passwords
mech_list: CRAM-MD5 PLAIN LOGIN
"""


@dataclass(frozen=True)
class Postfix:
    """The server, and what has become of the mails that it was given."""

    port: int
    authority: Path
    _folder: Path

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    @property
    def log(self) -> str:
        file = self._folder / "mail.log"
        return file.read_text(errors="replace") if file.exists() else ""

    async def says(self, words: str) -> None:
        """Wait until its log has these words."""
        until = monotonic() + _SECONDS
        while words not in self.log:
            assert monotonic() < until, self.log
            await asyncio.sleep(0.05)

    async def sessions(self, count: int = 1) -> list[str]:
        """What it says of each connection that has ended and was greeted, once there are so many:
        how many of which commands it heard.
        """
        until = monotonic() + _SECONDS
        while True:
            lines = [line.partition("disconnect from ")[2] for line in self.log.splitlines()]
            if len(found := [line for line in lines if "ehlo=" in line]) >= count:
                return found
            assert monotonic() < until, self.log
            await asyncio.sleep(0.05)

    async def delivered(self, count: int = 1) -> list[bytes]:
        """The mails, once there are so many: with CR LF, and without what Postfix puts in front."""
        until = monotonic() + _SECONDS
        inbox = self._folder / "mail/inbox/new"
        while len(files := sorted(inbox.glob("*"))) < count:
            assert monotonic() < until, self.log
            await asyncio.sleep(0.05)
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]


def as_sent(delivered: bytes) -> bytes:
    """What we have handed over: without the trace that Postfix puts in front (RFC 5321 §4.4)."""
    trace = (b"Return-Path:", b"X-Original-To:", b"Delivered-To:", b"Received:", b" ", b"\t")
    while delivered.startswith(trace):
        delivered = delivered.partition(b"\r\n")[2]
    return delivered


@asynccontextmanager
async def postfix(**settings: str) -> AsyncIterator[Postfix]:
    """A server that wants STARTTLS; `settings` are lines of its main.cf."""
    assert (_PROGRAMS / "master").exists(), "Install it first: deploy/setup/foreign.sh"
    assert os.getuid() == 0, "Postfix gives up root's rights by itself, so it must have them."
    with scratch_folder("postfix") as folder:
        port = free_port()
        await asyncio.to_thread(_prepare, folder, port, settings)
        command: list[str | Path] = [_PROGRAMS / "master", "-s", "-c", folder / "etc"]
        master = children.spawn(command, folder / "output.log")
        try:
            server = Postfix(port, folder / "authority.pem", folder)
            await _listening(server, folder, master)
            yield server
        finally:
            await children.stop(master, 10)


def _prepare(folder: Path, port: int, settings: Mapping[str, str]) -> None:
    nobody, postfix = pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    folder.chmod(0o755)  # its processes have users of their own
    for name in ("etc", "etc/sasl", "queue", "data", "mail"):
        (folder / name).mkdir()
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
    written(folder)
    further = free_port()  # of the next server on the way, which refuses all that it hears of
    facts = {"folder": folder, "port": port, "further": further}
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
    more = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (folder / "etc/main.cf").write_text(_SETTINGS.format(**facts, **user) + more)
    (folder / "etc/master.cf").write_text(_SERVICES.format(**facts))
    (folder / "etc/mailboxes").write_text(_MAILBOXES)
    (folder / "etc/access").write_text(f"{LATER} 450 4.2.0 Greylisted\n")
    (folder / "etc/transport").write_text(f"{GONE} smtp:[127.0.0.1]:{further}\n")
    (folder / "etc/dynamicmaps.cf").write_text("")
    (folder / "etc/sasl/smtpd.conf").write_text(_SASL.format(**facts))
    passwords = folder / "etc/sasl/passwords"
    _run("saslpasswd2", "-p", "-c", "-f", passwords, "-u", "relay.example", "portal")
    shutil.chown(passwords, "postfix")
    _run("postfix", "-c", folder / "etc", "check")


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [f"/usr/sbin/{program}", *map(str, arguments)],
        input=PASSWORD.encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


async def _listening(server: Postfix, folder: Path, master: children.Child) -> None:
    until = monotonic() + _SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            said = (folder / "output.log").read_text() + server.log
            assert master.poll() is None, said
            assert monotonic() < until, said
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
