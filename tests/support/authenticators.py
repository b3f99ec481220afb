"""Virtual authenticators: Chromium makes keys and signs as if one were plugged in or built in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tests.support.devtools import Json

Tell: TypeAlias = Callable[..., Awaitable[Json]]
BUILT_IN: Final[Json] = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
KEY_RING: Final[Json] = {
    "protocol": "u2f",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "isUserVerified": False,
}
"""A key of the oldest kind: it is touched, knows no user, and has to be told which key is meant."""


@dataclass(frozen=True)
class VirtualAuthenticator:
    tell: Tell
    id: str

    @classmethod
    async def plugged_in(cls, tell: Tell, **options: Any) -> "VirtualAuthenticator":
        made = await tell("WebAuthn.addVirtualAuthenticator", options={**BUILT_IN, **options})
        return cls(tell, made["authenticatorId"])

    async def credentials(self) -> list[Json]:
        """The keys that it holds, private halves and counters with them."""
        found = await self.tell("WebAuthn.getCredentials", authenticatorId=self.id)
        held: list[Json] = found["credentials"]
        return held

    async def take(self, credential: Json) -> None:
        """Hold this key too, as a copy of another authenticator would."""
        await self.tell("WebAuthn.addCredential", authenticatorId=self.id, credential=credential)

    async def recognise_user(self, *, recognised: bool) -> None:
        """From now on the finger on it is the right one, or isn't."""
        await self.tell(
            "WebAuthn.setUserVerified", authenticatorId=self.id, isUserVerified=recognised
        )

    async def unplug(self) -> None:
        await self.tell("WebAuthn.removeVirtualAuthenticator", authenticatorId=self.id)
