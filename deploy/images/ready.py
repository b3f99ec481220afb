"""The health check of a container: exits 0 where the service on this port says that it is ready."""
# ruff: noqa: INP001 the image has it as a file of its own

import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Final

_SECONDS: Final = 4
_READY: Final = 200


def main(port: int) -> int:
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=_SECONDS)) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            sys.stdout.write(answer.read().decode(errors="replace"))
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"No answer: {error}")
        return 1
    return 0 if answer.status == _READY else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
