"""wrk, the load generator: many requests as fast as they are answered, and how long each took."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MILLISECONDS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
_SHARE: Final = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
_FLAWS: Final = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")


@dataclass(frozen=True)
class Load:
    """What came of it; times in milliseconds."""

    per_second: float
    p50: float
    p99: float


async def wrk(
    url: str, *, token: str, connections: int, seconds: int, script: Path | None = None
) -> Load:
    """One thread of wrk on kept-alive connections; RuntimeError where an answer is no success.

    It sends GETs, or what a script in Lua says (`posting` writes one).
    """
    process = await asyncio.create_subprocess_exec(
        *("wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s"),
        *(("-s", str(script)) if script else ()),
        *("-H", f"Authorization: Bearer {token}", "-H", "X-Request-Id: bench", url),
        stdout=asyncio.subprocess.PIPE,
    )
    printed = (await process.communicate())[0].decode()
    rate = _RATE.search(printed)
    if process.returncode or rate is None or _FLAWS.search(printed):
        raise RuntimeError(f"wrk failed on {url}:\n{printed}")
    shares = {
        share: float(value) * _MILLISECONDS[unit] for share, value, unit in _SHARE.findall(printed)
    }
    return Load(float(rate.group(1)), shares["50"], shares["99"])


def posting(bodies: list[str], script: Path, content_type: str = "application/json") -> Path:
    """A script by which wrk posts these bodies in turn."""
    quoted = ",\n".join(f"[==[{body}]==]" for body in bodies)
    script.write_text(f"""\
local bodies = {{{quoted}}}
local turn = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "{content_type}"
request = function()
  turn = turn % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[turn])
end
""")
    return script
