"""Which mails go first: those that somebody sits waiting for."""

from enum import IntEnum
from typing import Final

from services.mailer.domain.templates import Template


class Priority(IntEnum):
    """The lower goes first."""

    AWAITED = 0
    NOTICE = 1


_AWAITED: Final = {Template.PASSWORD_RESET, Template.PASSWORD_RESET_ELSEWHERE}


def priority_of(template: Template) -> Priority:
    return Priority.AWAITED if template in _AWAITED else Priority.NOTICE
