"""Twilio's inbound messages, as the form Twilio posts, as JSON, or in a stream; and its reports of what became of ours."""

import logging
import re
from collections.abc import Iterator, Mapping

from app.domain.errors import BadInput
from app.domain.normalise import dialled
from app.domain.times import parse_time
from app.sources import signatures
from app.sources.base import Defaults, Delivery, Example, Parsed, Reply, Report, Source
from app.sources.envelope import Envelope
from app.sources.people import Named, attributes, country_of, people
from app.sources.reading import (
    JsonObject,
    body_key,
    body_text,
    dump,
    first_given,
    first_text,
    form,
    header,
    is_json,
    kind,
    without,
)
from app.sources.twilio_stream import in_words_of_forms, other_than_messages, told

log = logging.getLogger(__name__)

NAME = "twilio"

_MESSAGE_SIGNS = ("From", "MessageSid", "SmsMessageSid", "SmsSid", "Body")
_ARRIVED = frozenset({"received", "receiving"})
_CHANNEL = re.compile(r"([A-Za-z]{2,20}):(.*)", re.DOTALL)
_USER_ID = re.compile(r"[A-Z]{2}(?:\.\w+)+")  # WhatsApp's business-scoped user id: country, dot, token (of a parent, more dots)
_BARE_PLUS = re.compile(r"\A((?:[A-Za-z]+:)?) (?=\d)")  # a form reads a plus that was not encoded as a blank
_KEPT = (
    "MessageSid", "AccountSid", "MessagingServiceSid", "To", "MessageType", "NumMedia", "OptOutType", "ButtonText",
    "ButtonPayload", "ListId", "InteractiveData", "FlowData", "Latitude", "Longitude", "Label", "Address",
    "OriginalRepliedMessageSid", "ProfileUsername", "WaId", "ReferralSourceType", "ReferralSourceId", "ReferralSourceUrl",
    "ReferralHeadline", "ReferralCtwaClid", "FromCity", "FromState", "FromZip", "FromCountry",
)  # fmt: skip
_BY_PHONE = frozenset({"sms", "mms", "whatsapp"})  # how a customer writes in a conversation; agents do by the SDK or the API
_MAX_ID = 100  # characters of a message's id, or of its status


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """A message, or none for callbacks and bodies of another kind; of a stream's list, one each. Raises BadInput when a message
    names no sender."""
    raw = body_text(delivery.body)
    if not is_json(delivery.body) and "json" not in delivery.headers.get("content-type", "").lower():
        return _one(delivery, defaults, _form(raw), raw, Reply.TWIML)
    bodies = told(delivery.body)
    each = [_one(delivery, defaults, body, raw if len(bodies) == 1 else dump(body), Reply.JSON) for body in bodies]
    return Parsed(
        tuple(event for one in each for event in one.events),
        ignored=tuple(name for one in each for name in one.ignored),
        reports=tuple(report for one in each for report in one.reports),
    )


def _one(delivery: Delivery, defaults: Defaults, told_body: JsonObject, raw: str, reply: Reply) -> Parsed:
    """What one body tells: a message's event, a report, or neither. Raises BadInput."""
    body = _said_in_conversation(in_words_of_forms(told_body))
    passed_over = other_than_messages(told_body) or _no_message(body)
    if passed_over is not None:
        return Parsed((), ignored=(passed_over,), reply=reply, reports=_reports(body, delivery.query))
    sender = first_text(body, "From")
    if sender is None:
        raise BadInput("From is missing: a message needs its sender, such as whatsapp:+15550123")
    channel, number = _channel(sender)
    if channel not in ("whatsapp", "sms", "rcs"):
        log.warning("a message from a sender of an unknown kind (%s:) is ignored", channel)  # never the number
        return Parsed((), ignored=(f"{channel}_message",), reply=reply)
    country = country_of(defaults.country, {"country": body.get("FromCountry")}, body)
    times = ("timestamp", "occurred_at", "created_at", "DateCreated") if reply is Reply.JSON else ("DateCreated",)
    time_name, time = first_given(body, *times)
    envelope = Envelope(delivery, NAME, _key(delivery, body, raw), raw)
    event = envelope.event(
        f"{channel}_message",
        parse_time(time, time_name, delivery.received_at),
        people(_named(body, channel, number), country),
        _properties(body),
        attributes=attributes({"name": body.get("ProfileName")}, ("name",)),
    )
    return Parsed((event,), reply=reply)


def _form(raw: str) -> JsonObject:
    """The form's fields, its sender's plus restored. Raises BadInput when it is no form, or an empty one."""
    fields = form(raw)
    if not fields:
        raise BadInput("the body is empty; send Twilio's form, or JSON with From and Body")
    return {name: _BARE_PLUS.sub(r"\1+", str(value)) if name == "From" else value for name, value in fields.items()}


def _said_in_conversation(body: JsonObject) -> JsonObject:
    """What somebody wrote in a conversation (Twilio's Conversations) by their phone, as a message; any other body as it is."""
    source, author = first_text(body, "Source"), first_text(body, "Author")
    if body.get("EventType") != "onMessageAdded" or author is None or (source or "").lower() not in _BY_PHONE:
        return body
    return {**without(body, {"EventType"}), "From": author}


def _no_message(body: JsonObject) -> str | None:
    """What a body is called that is no inbound message; None for a message."""
    notice = first_text(body, "EventType")
    if notice is not None and notice.startswith("on"):  # of Conversations, by an agent or of no message
        return notice[:_MAX_ID]
    if str(body.get("Direction")).strip().lower().startswith("outbound"):  # by the business: its From is nobody's customer
        return "outbound_message"
    status = first_text(body, "MessageStatus", "SmsStatus")
    if (status is not None and status.lower() not in _ARRIVED) or (notice is not None and body.get("Body") is None):
        return "status_callback"  # of a receipt too, whose From is the business
    if all(body.get(name) is None for name in _MESSAGE_SIGNS):
        return "no_message"
    return "call" if body.get("CallSid") is not None and body.get("Body") is None else None


def _reports(body: JsonObject, query: Mapping[str, str]) -> tuple[Report, ...]:
    """What a status callback says became of a message of ours; nothing for a body of another kind."""
    status = first_text(body, "MessageStatus", "SmsStatus")
    message_id = first_text(body, "MessageSid", "SmsSid")
    if status is None or message_id is None or len(message_id) > _MAX_ID or len(status) > _MAX_ID:
        return ()
    campaign_id = query.get("campaign")  # as the status callback of each message of ours has it
    named = campaign_id if campaign_id and len(campaign_id) <= _MAX_ID else None
    return (Report(message_id, status, first_text(body, "ErrorCode"), named),)


def _channel(sender: str) -> tuple[str, str]:
    """`whatsapp:+1555` -> whatsapp and the number; a bare number is an SMS."""
    match = _CHANNEL.fullmatch(sender)
    return (match[1].lower(), match[2].strip()) if match else ("sms", sender)


def _named(body: JsonObject, channel: str, number: str) -> Iterator[Named]:
    if channel != "whatsapp":
        yield "phone", number
        return
    if _USER_ID.fullmatch(number):  # a sender who hides the number: never to be read as digits
        yield "whatsapp_user_id", number
    else:
        yield "phone", dialled(number)
        yield "whatsapp", number
    user_id = first_text(body, "ExternalUserId")
    if user_id is not None:
        yield "whatsapp_user_id", _channel(user_id)[1]


def _key(delivery: Delivery, body: JsonObject, raw: str) -> str:
    """The message's id: a message is one, whichever of our addresses Twilio tells it to; else the delivery's token."""
    message = first_text(body, "MessageSid", "SmsMessageSid", "SmsSid")
    if message is not None:
        return f"message:{message}"
    token = header(delivery, "i-twilio-idempotency-token")
    return f"token:{token}" if token is not None else body_key(raw.encode())


def _properties(body: JsonObject) -> JsonObject:
    """The text exactly as written, with where it came from and went."""
    said = body.get("Body")
    if said is not None and not isinstance(said, str):
        raise BadInput(f"Body must be a string, not {kind(said)}")
    kept = {name: value for name in _KEPT if (value := body.get(name)) is not None and value != ""}
    media = [body[name] for place in range(10) if (name := f"MediaUrl{place}") in body]
    kinds = {name: body[name] for place in range(len(media)) if (name := f"MediaContentType{place}") in body}
    return {"body": said or "", **kept, **kinds, **({"media": media} if media else {})}


SOURCE = Source(
    NAME,
    "/api/integrations/twilio/webhook",
    parse,
    {NAME: signatures.twilio},
    media=("application/x-www-form-urlencoded", "application/json"),
    most_bytes=2 * 1024 * 1024,  # a megabyte of percent signs takes a tenth of a second to read, and another to check
    reply=Reply.TWIML,
    lists=True,
)

EXAMPLE = Example(
    headers={"content-type": "application/json"},
    body=b"""{
  "MessageSid": "SM123456789",
  "From": "whatsapp:+15550123",
  "To": "whatsapp:+15559999",
  "Body": "When will my order ship?",
  "MessageStatus": "received",
  "AccountSid": "ACxxxxx"
}""",
    types=("whatsapp_message",),
)
