"""What may be said of a sender, whether by the API or by a form of the console, and what is shown of it: never a secret."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.domain.errors import Unprocessable
from app.domain.normalise import region
from app.domain.senders import MOST_SECRETS, SEGMENT, Sender
from app.graph.rows import Row
from app.graph.seal import digest_of
from app.graph.senders import Senders

# Blanks around what was pasted are no part of it: with them no signature would ever be right.
Pasted = Annotated[str, StringConstraints(strip_whitespace=True)]
Secret = Annotated[Pasted, Field(max_length=500, pattern=r"\S")]
Domain = Annotated[Pasted, Field(max_length=255, pattern=r"^[A-Za-z0-9.-]+$")]


class Said(BaseModel):
    """What is left out stays as it is. `null` takes it away, but for `secrets`: `[]` does."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    secrets: list[Secret] | None = Field(
        None,
        max_length=MOST_SECRETS,
        description="Any of them may have signed: while one is changed, send both; `[]` removes them.",
    )
    shop_domain: Domain | None = Field(None, description="Shopify: the shop whose deliveries are taken.")
    account_sid: Pasted | None = Field(None, max_length=64, description="Twilio: the account whose deliveries are taken.")
    public_url: Pasted | None = Field(
        None,
        max_length=2_000,
        pattern=r"^https?://[^\s/]+\S*$",
        description="Where the sender sends to, as it signs it (Twilio, Square).",
    )
    write_key: str | None = Field(
        None,
        max_length=500,
        pattern=r"^[!-9;-~]+$",  # as the user of HTTP Basic authorization, which ends at a colon
        description="Segment: what its libraries are set up with. It names this brand alone.",
    )
    default_country: Annotated[str, AfterValidator(region)] | None = Field(
        None, description="ISO 3166 country of phone numbers that are written without one."
    )
    enabled: bool = Field(True, description="`false`: whatever comes is refused, and nothing of it stored.")


async def sender_of(senders: Senders, brand_id: str, name: str) -> Sender:
    return (await senders.now(brand_id)).get(name) or Sender(name)


async def say(senders: Senders, brand_id: str, name: str, body: Said, at: datetime) -> None:
    """From now on a brand says this of a sender. Raises Unprocessable, and as `Senders.put`."""
    await senders.put(brand_id, _meant(name, body), _kept(body), at)


def _kept(body: Said) -> set[str]:
    """What stays. `null` takes no secret away: many a client writes it for what it does not say."""
    unsaid = Said.model_fields.keys() - body.model_fields_set
    return unsaid | {"secrets"} if body.secrets is None else unsaid


def _meant(name: str, body: Said) -> Sender:
    """Raises Unprocessable for what this sender has no use for, which would be thought to protect."""
    if name == SEGMENT and body.secrets:
        raise Unprocessable("secrets: Segment's libraries sign nothing; what they bring is the write_key")
    if name != SEGMENT and body.write_key is not None:
        raise Unprocessable(f"write_key: {name} has none, only segment has")
    return Sender(
        name,
        secrets=tuple(body.secrets or ()),
        shop_domain=body.shop_domain and body.shop_domain.lower(),
        account_sid=body.account_sid,
        public_url=body.public_url,
        default_country=body.default_country,
        write_key_digest=body.write_key and digest_of(body.write_key),
        enabled=body.enabled,
    )


def sender_view(sender: Sender) -> Row:
    return {
        "source": sender.name,
        "enabled": sender.enabled,
        "signed": sender.secrets != (),
        "shop_domain": sender.shop_domain,
        "account_sid": sender.account_sid,
        "public_url": sender.public_url,
        "default_country": sender.default_country,
        "has_write_key": sender.write_key_digest is not None,
        "changed_at": sender.changed_at,
        "last_delivery": sender.delivered_at and {"received_at": sender.delivered_at},
    }
