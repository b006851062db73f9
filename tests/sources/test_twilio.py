"""Twilio's forms, byte for byte, and the JSON of our specification."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.domain.errors import BadInput
from app.domain.identifiers import Identifier
from app.sources.base import Defaults, Delivery, Parsed, Reply, Report
from app.sources.twilio import parse

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "twilio"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
PHONE, WHATSAPP = Identifier("phone", "447700900123"), Identifier("whatsapp", "+447700900123")


def deliver(body: bytes | dict[str, object], headers: dict[str, str] | None = None) -> Parsed:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(Delivery("demo", headers or {}, raw, NOW, "req-1"), Defaults())


def payload(number: str) -> Parsed:
    body = next(path for path in PAYLOADS.glob(f"{number}_*") if ".headers" not in path.name)
    headers = json.loads(body.with_suffix(".headers.json").read_text())
    return deliver(body.read_bytes(), {name.lower(): value for name, value in headers.items()})


def form(**fields: str) -> Parsed:
    return deliver(urlencode(fields).encode(), FORM)


def test_whatsapp_text_round_trips() -> None:
    parsed = payload("01")
    (event,) = parsed.events
    assert parsed.reply is Reply.TWIML
    assert event.type == "whatsapp_message"
    assert event.identifiers == (PHONE, WHATSAPP)
    assert json.loads(event.properties)["body"] == "Hallå 👋🏽👩‍👧 is #1042 shipped? ♥️"
    assert event.attributes == (("name", "Zoë Å"),)
    assert event.occurred_at == NOW


@pytest.mark.parametrize(
    ("sender", "phone"),
    [
        ("+5215512345678", "525512345678"),  # opened before Mexico dropped the 1 of mobiles
        ("+525512345678", "525512345678"),
        ("+52155123456", "52155123456"),  # too short to have one
        ("+553198765432", "5531998765432"),  # opened before Brazil's mobiles got their 9
        ("+5531998765432", "5531998765432"),
        ("+553132345678", "553132345678"),  # a landline, which a business may have at WhatsApp
        ("+5491123456789", "5491123456789"),
        ("+15215551234", "15215551234"),
    ],
)
def test_an_older_account_has_the_phone_that_shops_are_given(sender: str, phone: str) -> None:
    (event,) = form(From=f"whatsapp:{sender}", Body="hola", MessageSid="SM1").events
    assert event.identifiers == (Identifier("phone", phone), Identifier("whatsapp", sender))
    (event,) = form(From=sender, Body="hola", MessageSid="SM2").events
    assert event.identifiers == (Identifier("phone", sender[1:]),), "a text message comes from the number itself"


def test_media_with_an_empty_body() -> None:
    said = json.loads(payload("03").events[0].properties)
    assert said["body"] == ""
    assert len(said["media"]) == 1


def test_business_scoped_user_id_is_its_own_type() -> None:
    assert payload("05").events[0].identifiers == (
        PHONE,
        WHATSAPP,
        Identifier("whatsapp_user_id", "GB.4566546130240823"),
    )
    hidden = form(From="whatsapp:GB.4566546130240823", Body="hi", MessageSid="SM1")
    assert hidden.events[0].identifiers == (Identifier("whatsapp_user_id", "GB.4566546130240823"),)


def test_sms() -> None:
    (event,) = payload("10").events
    assert event.type == "sms_message"
    assert event.identifiers == (Identifier("phone", "447700900456"),)
    assert json.loads(event.properties)["body"] == " Stop "
    assert json.loads(event.properties)["OptOutType"] == "STOP"


@pytest.mark.parametrize("sender", ["12345", "MyBank", "anonymous"])
def test_a_sender_without_a_phone_number_is_set_aside(sender: str) -> None:
    (event,) = form(From=sender, Body="hi", MessageSid="SM1").events
    assert event.identifiers == ()
    assert json.loads(event.properties)["invalid_identifiers"][0]["value"] == sender


def test_status_callbacks_and_other_bodies_are_ignored() -> None:
    assert payload("13").ignored == ("status_callback",)
    assert payload("13").reply is Reply.TWIML
    assert payload("13").reports == (Report("SM7eb4909811a2b633a8fb0d525aa7782f", "sent"),)
    assert form(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003").reports == (
        Report("SM1", "undelivered", "30003"),
    )
    assert payload("19").ignored == ("no_message",)
    assert payload("19").reply is Reply.JSON
    assert form(From="+15550123", CallSid="CA1").ignored == ("call",)


def test_a_message_of_a_sender_of_an_unknown_kind_is_ignored_and_logged_without_the_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert form(From="messenger:1234567890", Body="hi").ignored == ("messenger_message",)
    (said,) = caplog.messages
    assert "messenger:" in said
    assert "123456" not in said


def test_the_json_of_the_specification() -> None:
    body: dict[str, object] = {
        "From": "whatsapp:+15550123",
        "Body": "When will my order ship?",
        "MessageStatus": "received",
    }
    parsed = deliver(body, {"content-type": "application/json"})
    assert parsed.reply is Reply.JSON
    assert parsed.events[0].identifiers == (Identifier("phone", "15550123"), Identifier("whatsapp", "+15550123"))
    assert deliver(body, FORM).events == parsed.events  # curl -d names every body a form


def test_json_may_say_when_and_need_say_no_words() -> None:
    when = {"timestamp": 1705312800, "occurred_at": 1705312801, "created_at": 1705312802}
    (event,) = deliver({"From": "rcs:+15550123", "MessageSid": "SM1", **when}).events
    assert (event.type, json.loads(event.properties)["body"]) == ("rcs_message", "")
    assert event.occurred_at.timestamp() == 1705312800
    del when["timestamp"]
    assert deliver({"From": "+15550123", "Body": "hi", **when}).events[0].occurred_at.timestamp() == 1705312801


def test_a_report_names_its_campaign_and_is_bounded() -> None:
    def report(sid: str, status: str, campaign: str) -> tuple[Report, ...]:
        raw = urlencode({"MessageSid": sid, "MessageStatus": status}).encode()
        return parse(Delivery("demo", FORM, raw, NOW, "req-1", query={"campaign": campaign}), Defaults()).reports

    long, longer = "x" * 100, "x" * 101
    assert report(long, "sent", long) == (Report(long, "sent", None, long),)
    assert report("SM1", "sent", longer) == report("SM1", "sent", "") == (Report("SM1", "sent", None, None),)
    assert report(longer, "sent", "c") == report("SM1", longer, "c") == ()
    assert form(SmsStatus="sent", ErrorCode="1").reports == ()


def test_idempotency() -> None:
    assert payload("01").events[0].event_id == payload("01").events[0].event_id
    first = form(From="+15550123", Body="hi", MessageSid="SM1").events[0]
    assert form(From="+15550123", Body="hi", MessageSid="SM1", ApiVersion="x").events[0].event_id == first.event_id
    assert form(From="+15550123", Body="hi", MessageSid="SM2").events[0].event_id != first.event_id


def test_a_plus_that_was_not_encoded_is_no_blank() -> None:
    """curl -d sends it bare. A Danish number without its plus would be read as an American one."""
    for sender, type_name in (("whatsapp:", "whatsapp_message"), ("", "sms_message"), ("rcs:", "rcs_message")):
        (event,) = deliver(f"MessageSid=SM1&Body=hi+there&From={sender}+4512345678".encode(), FORM).events
        assert (event.type, event.identifiers[0]) == (type_name, Identifier("phone", "4512345678"))
        assert json.loads(event.properties)["body"] == "hi there"


def test_a_user_id_of_a_parent_business_is_no_number_either() -> None:
    hidden = form(From="whatsapp:US.ENT.118157992128", Body="hi", MessageSid="SM1")
    assert hidden.events[0].identifiers == (Identifier("whatsapp_user_id", "US.ENT.118157992128"),)


def test_one_message_is_one_event_however_often_it_is_delivered() -> None:
    body = urlencode({"From": "+15550123", "Body": "hi", "MessageSid": "SM1"}).encode()
    ids = {deliver(body, {**FORM, **token}).events[0].event_id for token in ({}, {"i-twilio-idempotency-token": "t1"})}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        # Conversations: the author may be an agent, and there is no From.
        ({"EventType": "onMessageAdded", "ConversationSid": "CH1", "Author": "agent-7", "Body": "hi"}, "onMessageAdded"),
        ({"EventType": "onParticipantAdded", "MessagingBinding.Address": "+15550123"}, "onParticipantAdded"),
        # A receipt's From is the business.
        ({"EventType": "READ", "MessageSid": "SM1", "From": "whatsapp:+15559999", "To": "whatsapp:+15550123"}, "status_callback"),
        ({"RawDlrDoneDate": "2609011200", "SmsStatus": "delivered", "SmsSid": "SM1", "From": "+15559999"}, "status_callback"),
        ({"MessageStatus": "canceled", "MessageSid": "SM1", "To": "+15550123"}, "status_callback"),
        ({"MessageStatus": "partially_delivered", "MessageSid": "SM1", "From": "rcs:shop_agent"}, "status_callback"),
    ],
)  # fmt: skip
def test_other_notices_at_the_door_of_messages(fields: dict[str, str], ignored: str) -> None:
    assert form(**fields).ignored == (ignored,)


@pytest.mark.parametrize("direction", ["outbound-api", "outbound-reply", "Outbound-Call "])
def test_what_the_business_wrote_makes_its_own_number_nobody(direction: str) -> None:
    said: dict[str, object] = {"MessageSid": "SM1", "From": "+15559999", "To": "+15550123", "Body": "It ships today"}
    parsed = deliver({**said, "Direction": direction})
    assert (parsed.events, parsed.ignored) == ((), ("outbound_message",))
    assert deliver({**said, "Direction": "inbound"}).events[0].identifiers == (Identifier("phone", "15559999"),)


def test_what_a_message_brings_beside_its_text() -> None:
    (event,) = form(
        From="whatsapp:+15550123", MessageSid="SM1", MessageType="location", Latitude="52.5", Longitude="13.4",
        Label="Shop", Address="1 High St", OriginalRepliedMessageSid="SM0", MediaUrl0="https://x.example/a",
        MediaContentType0="image/jpeg", NumMedia="1", ListId="red",
    ).events  # fmt: skip
    said = json.loads(event.properties)
    assert (said["Latitude"], said["Longitude"], said["Label"], said["Address"]) == ("52.5", "13.4", "Shop", "1 High St")
    assert (said["OriginalRepliedMessageSid"], said["ListId"], said["MediaContentType0"]) == ("SM0", "red", "image/jpeg")


SAID = {
    "EventType": "onMessageAdded",
    "ConversationSid": "CH1",
    "MessageSid": "IM1",
    "Body": "hi",
    "DateCreated": "2025-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("source", "author", "type_name"),
    [("whatsapp", "whatsapp:+447700900123", "whatsapp_message"), ("SMS", "+447700900123", "sms_message")],
)
def test_what_a_customer_says_in_a_conversation_is_a_message(source: str, author: str, type_name: str) -> None:
    (event,) = form(Source=source, Author=author, **SAID).events
    assert (event.type, event.identifiers[0], event.occurred_at.year) == (type_name, PHONE, 2025)
    assert json.loads(event.properties)["body"] == "hi"
    for by_an_agent in ({"Source": "SDK", "Author": "dave"}, {"Source": "API", "Author": "system"}, {"Author": author}):
        assert form(**by_an_agent, **SAID).ignored == ("onMessageAdded",)


def streamed(name: str, **data: object) -> dict[str, object]:
    """An event as https://www.twilio.com/docs/events/event-types/messaging shows it."""
    told = {"messageSid": "SM1", "timestamp": "2025-01-01T00:00:00.000Z", "accountSid": "AC1", "eventName": name, **data}
    return {"specversion": "1.0", "type": name, "source": "AB1", "id": "EZ1", "datacontenttype": "application/json", "data": told}


RECEIVED, DELIVERED = "com.twilio.messaging.inbound-message.received", "com.twilio.messaging.message.delivered"


def test_a_stream_tells_messages_and_what_became_of_ours() -> None:
    told = [
        streamed(RECEIVED, **{"from": "+14155550101", "to": "+12345678901", "body": "Ahoy!", "optOutType": "STOP"}),
        streamed(DELIVERED, **{"from": "+12345678901", "body": "Hi", "messageStatus": "UNDELIVERED", "errorCode": 30003}),
        streamed("com.twilio.voice.status-callback.call.initiated", **{"from": "+14155550101", "body": "no message"}),
    ]
    parsed = deliver(json.dumps(told).encode())
    (event,) = parsed.events
    assert (event.type, event.identifiers) == ("sms_message", (Identifier("phone", "14155550101"),))
    assert event.occurred_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert json.loads(event.properties).items() >= {"body": "Ahoy!", "OptOutType": "STOP"}.items()
    assert json.loads(event.raw) == told[0]
    assert (parsed.reply, parsed.reports) == (Reply.JSON, (Report("SM1", "UNDELIVERED", "30003"),))
    assert parsed.ignored == ("status_callback", "com.twilio.voice.status-callback.call.initiated")
    assert deliver(told[0]).events[0].event_id == event.event_id
    assert form(From="+14155550101", Body="Ahoy!", MessageSid="SM1").events[0].event_id == event.event_id, "one message"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"[]", {}),
        (b'[{"From": "+15550123", "Body": "hi"}, {"Body": "hi"}]', {}),
        (b"Body=hi", FORM),
        (b"Body=%ff&From=%2B15550123", FORM),
        (b"Body=\xff&From=%2B15550123", FORM),
        (b"&".join(b"a=1" for _ in range(2000)), FORM),
        (b'{"From": ', {}),
        (b'["From"]', {}),
        (b'{"Body": "hi"}', {}),
        (b'{"Body": 5, "From": "+15550123"}', {}),
        (b'{"Body": "hi", "From": {"a": 1}}', {}),
        (b'{"Body": "\\ud800", "From": "+15550123"}', {}),
    ],
)
def test_refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        deliver(body, headers)
