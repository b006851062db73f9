"""Who may send: a sender that a brand gave a secret must sign, and one that is switched off may not."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from app.domain.access import KEY_WANTED
from app.domain.errors import KeyWanted, SenderOff, SetUpError, Unsigned
from app.domain.events import Event
from app.domain.senders import Sender
from app.graph.lately import Seldom
from app.graph.senders import Senders
from app.sources.base import Defaults, Delivery, Source, Trust, Verify


class Admitted(NamedTuple):
    """What is taken for granted of a delivery, who sent it, where the brand says something of them, of whom else it does, and
    whether its sender signed it."""

    defaults: Defaults
    sender: Sender | None
    known: Mapping[str, Sender]
    signed: bool = False

    def vouch(self, events: Iterable[Event]) -> None:
        """That none of its events claims to be of a sender whose word this is not: whatever was not signed, none of a signer's
        orders hears of it. Raises Unsigned, SenderOff."""
        for name in {event.source for event in events} & self.known.keys():
            claimed = self.known[name]
            if claimed is self.sender:
                continue
            _check_enabled(claimed)
            if claimed.secrets != ():
                raise Unsigned(
                    f"an event's source is {name}, which signs what it sends, and this is not signed by it; name another source, "
                    f"or let {name} send it to its own address"
                )


class Gate:
    """Stands before every door. All it remembers is when it last noted a delivery."""

    def __init__(self, senders: Senders, defaults: Defaults) -> None:
        self._senders = senders
        self._defaults = defaults
        self._noted = Seldom[tuple[str, str]]()

    async def expect_signer(self, source: Source, brand_id: str) -> None:
        """For a call without a key, where the service asks for one: lets it be read when somebody may have signed it. Raises
        KeyWanted, Unavailable."""
        known = await self._senders.known(brand_id)
        if all(known[name].secrets == () for name in source.verify.keys() & known.keys()):
            raise KeyWanted(KEY_WANTED)

    async def admit(self, source: Source, name: str, delivery: Delivery, *, keyless: bool = False) -> Admitted:
        """`name` is what its door calls the source: one that is called by a signer's name takes nothing that they did not sign.
        `keyless`: the signature stands for the key that the service asks for.

        Raises SenderOff, Unsigned, Forged, KeyWanted; Unavailable and SetUpError when the sender cannot be looked up.
        """
        known = await self._senders.known(delivery.brand_id)
        admitted = Admitted(self._defaults, None, known)
        for one in _must_be(source, name, delivery) if known else ():
            if one in known:
                admitted = self._admitted(known, known[one], source.verify, delivery)
        if keyless and not admitted.signed:
            raise KeyWanted(KEY_WANTED)
        return admitted

    async def admit_known(self, name: str, delivery: Delivery) -> Admitted:
        """A delivery whose sender signs nothing and is known otherwise. Raises as `admit`."""
        known = await self._senders.known(delivery.brand_id)
        sender = known.get(name)
        return Admitted(self._defaults, None, known) if sender is None else self._admitted(known, sender, {}, delivery)

    def _admitted(
        self, known: Mapping[str, Sender], sender: Sender, verify: Mapping[str, Verify], delivery: Delivery
    ) -> Admitted:
        _check_enabled(sender)
        if sender.secrets is None:
            raise SetUpError(
                f"the secrets of {sender.name} were sealed with another key: give all replicas the same CONSTINTEL_SECRET_KEY, "
                f"or put the secrets anew (PUT /api/sources/{sender.name})"
            )
        signed = bool(sender.secrets) and sender.name in verify
        if signed:
            trust = Trust(sender.secrets, sender.public_url, sender.shop_domain, sender.account_sid)
            verify[sender.name](delivery, trust)
        country = sender.default_country
        return Admitted(replace(self._defaults, country=country) if country else self._defaults, sender, known, signed)

    async def note(self, sender: Sender | None, delivery: Delivery) -> None:
        """That something of a sender was taken, once a minute."""
        if sender is not None:
            what = delivery.brand_id, sender.name
            await self._noted.note(what, lambda: self._senders.delivered(*what, delivery.received_at))


def _must_be(source: Source, name: str, delivery: Delivery) -> tuple[str, ...]:
    """Whose word a delivery must be, its sender's last. Raises BadInput."""
    wrote = source.sender(delivery)
    return tuple(dict.fromkeys(one for one in (name if name in source.verify else None, wrote) if one is not None))


def _check_enabled(sender: Sender) -> None:
    if not sender.enabled:
        raise SenderOff(f"{sender.name} is switched off for this brand; PUT /api/sources/{sender.name} with enabled true")
