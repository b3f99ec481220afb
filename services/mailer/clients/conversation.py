"""An open connection to the relay, on which one mail follows the other (RFC 5321).

aiosmtplib has connected, encrypted and signed in. From there on we speak ourselves: it waits for
an answer to each command, where a relay that offers PIPELINING (RFC 2920) takes those of a mail at
once, and it mends each line of a mail, where ours need none.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

_MOST_HEARD: Final = 16 * 1024
"""Bytes that the relay may say to what it was told."""
_LONGEST_ANSWER: Final = 300
_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")
_LEAST_REFUSAL: Final = 400
_CLOSING: Final = 421
_SIGN_IN_FIRST: Final = 530
_NOT_ALLOWED: Final = "5.7."
"""Of security or policy, for good (RFC 3463 §3.8)."""
_DONE: Final = 2
_GO_ON: Final = 3
_END: Final = b".\r\n"


class ConversationError(Exception):
    """The connection is gone, or what is at its other end doesn't speak SMTP."""


@dataclass(frozen=True)
class Answer:
    """What the relay has said, in one printable line of bounded length."""

    code: int
    text: str

    def is_of(self, kind: int) -> bool:
        return self.code // 100 == kind


class RefusedError(Exception):
    """The relay has refused a command, or a mail."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"refused: {answer.code}")


class SenderRefusedError(RefusedError):
    """It doesn't take mails from us, on this connection or at all; no mail is to blame."""


class MailRefusedError(RefusedError):
    """It doesn't take this mail."""


def text_of(mail: bytes) -> bytes:
    """The mail as it follows DATA. ValueError where a line doesn't end in CR LF.

    Relays disagree about a lone LF, and a mail that looks ended to one of them could go on as
    commands.
    """
    ends = mail.count(b"\r\n")
    if not mail.endswith(b"\r\n") or mail.count(b"\n") != ends or mail.count(b"\r") != ends:
        raise ValueError("A line of a mail doesn't end in CR LF.")
    stuffed = mail.replace(b"\r\n.", b"\r\n..")
    return (b"." + stuffed if stuffed.startswith(b".") else stuffed) + _END


class Conversation(asyncio.Protocol):
    """First `propose` a mail, then `deliver` its text; after a refusal the next may be proposed."""

    def __init__(self, transport: asyncio.Transport, *, is_pipelining: bool) -> None:
        self._transport = transport
        self._is_pipelining = is_pipelining
        self._is_lost = False
        self._must_forget = False
        self._heard = b""
        self._bytes_heard = 0
        self._lines: list[str] = []
        self._answers: list[Answer] = []
        self._expected = 0
        self._waiter: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    @property
    def is_at_rest(self) -> bool:
        """Whether it is open and nothing is pending, so that a mail can be proposed."""
        is_open = not (self._is_lost or self._transport.is_closing())
        is_silent = not (self._heard or self._lines or self._answers)
        return is_open and is_silent and self._waiter is None

    async def propose(self, sender: str, recipient: str) -> None:
        """Name sender and recipient. Until the text is delivered, the relay can't have the mail."""
        steps = [
            (b"MAIL FROM:<%b>" % _checked(sender), _DONE, SenderRefusedError),
            (b"RCPT TO:<%b>" % _checked(recipient), _DONE, MailRefusedError),
            (b"DATA", _GO_ON, MailRefusedError),
        ]
        if self._must_forget:
            steps.insert(0, (b"RSET", _DONE, SenderRefusedError))
            self._must_forget = False
        answers = await self._ask([command for command, _, _ in steps])
        for (_, wanted, refused), answer in zip(steps, answers, strict=False):
            if not answer.is_of(wanted):
                await self._take_back(answers, len(steps))
                whose = SenderRefusedError if _is_about_us(answer) else refused
                raise self._refusal(whose, answer)
        if len(answers) < len(steps):
            raise ConversationError("The connection was closed in the middle of an answer.")

    async def deliver(self, text: bytes) -> Answer:
        """Send what `text_of` has made. After a ConversationError nobody knows who has the mail."""
        (answer,) = await self._exchange(text, 1)
        if not answer.is_of(_DONE):
            raise self._refusal(MailRefusedError, answer)
        return answer

    async def quit(self) -> None:
        """Say goodbye, and close the connection whatever is said to that."""
        try:
            await self._ask([b"QUIT"])
        finally:
            self.close()

    def close(self) -> None:
        self._transport.abort()

    async def _take_back(self, answers: Sequence[Answer], steps: int) -> None:
        """End a text that was asked for without a recipient (RFC 2920 §3.1).

        What the relay has refused stands, whatever comes of this.
        """
        if len(answers) == steps and answers[-1].is_of(_GO_ON):
            with suppress(ConversationError):
                await self._exchange(_END, 1)

    def _refusal(self, refused: type[RefusedError], answer: Answer) -> RefusedError:
        is_out_of_step = answer.code < _LEAST_REFUSAL
        if refused is SenderRefusedError or is_out_of_step or answer.code == _CLOSING:
            self.close()
        self._must_forget = True
        return refused(answer)

    async def _ask(self, commands: Sequence[bytes]) -> list[Answer]:
        """The answers, up to the first refusal unless all commands went out together."""
        if self._is_pipelining:
            return await self._exchange(
                b"".join(b"%b\r\n" % one for one in commands), len(commands)
            )
        answers: list[Answer] = []
        for command in commands:
            answers += await self._exchange(command + b"\r\n", 1)
            if not answers[-1].is_of(_DONE):
                break
        return answers

    async def _exchange(self, said: bytes, expected: int) -> list[Answer]:
        """Say something and wait for so many answers, fewer if the connection ends behind them."""
        if not self.is_at_rest:
            raise ConversationError("The connection is closed.")
        self._expected, self._bytes_heard = expected, 0
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(said)
        await self._waiter
        self._waiter = None
        answers, self._answers = self._answers[:expected], self._answers[expected:]
        return answers

    @override
    def data_received(self, data: bytes) -> None:
        if self._waiter is None:  # Who speaks unasked is about to close the connection.
            self.close()
            return
        self._bytes_heard += len(data)
        *lines, self._heard = (self._heard + data).split(b"\n")
        try:
            for line in lines:
                self._read(line)
        except ConversationError as error:
            self._end(error)
        if self._bytes_heard > _MOST_HEARD:
            self._end(ConversationError("The relay's answer doesn't end."))
        elif len(self._answers) >= self._expected:
            self._wake(None)

    def _read(self, line: bytes) -> None:
        found = _LINE.fullmatch(line.rstrip(b"\r"))
        if found is None:
            raise ConversationError("The relay's answer is not SMTP.")
        code, sign, text = found.groups(default=b"")
        self._lines.append(text.decode(errors="replace"))
        if sign != b"-":
            self._answers.append(Answer(int(code), _printable(" ".join(self._lines))))
            self._lines = []

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        error = ConversationError("The connection was lost.")
        error.__cause__ = exc
        self._wake(None if self._answers else error)

    def _end(self, error: ConversationError) -> None:
        self._wake(error)
        self.close()

    def _wake(self, error: ConversationError | None) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if error is None:
            self._waiter.set_result(None)
        else:
            self._waiter.set_exception(error)


def _is_about_us(answer: Answer) -> bool:
    """Whether the relay lets us send nothing, as before we have signed in, rather than this mail.

    Postfix says so only when it hears the recipient: `554 5.7.1 Relay access denied`.
    """
    return answer.code == _SIGN_IN_FIRST or answer.text.startswith(_NOT_ALLOWED)


def _checked(address: str) -> bytes:
    if not (address.isascii() and address.isprintable()):
        raise ValueError("A mail address has characters that no command may have.")
    return address.encode("ascii")


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_ANSWER]
