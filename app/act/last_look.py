"""Whether a message may go at this very moment, whatever held when it was queued. Pure."""

from dataclasses import replace

import orjson

from app.act.automations import Automation
from app.act.channels.base import Channel, Message
from app.act.guards import Asked, enough, no_longer, unwanted
from app.act.people import Person
from app.act.quiet import may_go_at
from app.act.templates import InvalidTemplate
from app.act.writing import NO_TEMPLATE, needs_template, templated
from app.graph.rows import millis, moment


class Gone(Exception):
    """The occasion of a message is gone, or it is not wanted."""


class NotNow(Exception):
    """It may go, but not at this moment: `until` (epoch milliseconds) quiet hours last, None when our claim is gone."""

    def __init__(self, reason: str, until: int | None = None) -> None:
        super().__init__(reason)
        self.until = until


def as_it_may_go(
    message: Message, products: tuple[str, ...], asked: Asked | None, person: Person | None, channel: Channel
) -> Message:
    """The message, if it may go at this moment: everything that could hold it back when it was queued is looked at again.

    Raises Gone, or NotNow in quiet hours.
    """
    if person is None:
        raise Gone("nobody answers for this profile any more")
    if asked is None:
        raise Gone("its automation is not active any more")
    # It goes by the channel it was queued for, also where its automation has taken another since.
    by = message.channel
    reason = unwanted(asked, person, by, message.to) or no_longer(asked, person) or enough(asked)
    if reason is not None:
        raise Gone(reason)
    automation, now = asked.automation, moment(asked.clock)
    if message.to not in person.addresses(by):  # a merge was undone, or others share it by now
        raise Gone("the address is not theirs any more")
    at = may_go_at(now, automation.quiet_hours)
    if at > now:
        raise NotNow("quiet hours", millis(at))
    if message.content_sid is not None or not needs_template(by, channel, person, asked.clock):
        return message
    if automation.content_sid is None:
        raise Gone(NO_TEMPLATE)
    return _by_template(message, automation, person, products)


def _by_template(message: Message, automation: Automation, person: Person, products: tuple[str, ...]) -> Message:
    """Since it was queued WhatsApp's window has closed."""
    try:
        content = templated(automation, person, products)
    except InvalidTemplate as error:
        raise Gone(f"its template is refused now: {error}") from error
    return replace(message, content_sid=content["content_sid"], content_variables=orjson.loads(content["content_variables"]))
