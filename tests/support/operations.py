"""Operations as tests walk them: with an example in the place of every variable of a path."""

import re

from tools.openapi.parameters import PATH_VARIABLES


def filled(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: PATH_VARIABLES[found.group(1)][1], template)
