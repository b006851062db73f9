"""What a message says, and in which of its two forms WhatsApp lets it through."""

from collections.abc import Sequence

import orjson

from app.act.automations import Automation
from app.act.channels.base import Channel
from app.act.guards import may_write_freely
from app.act.people import Person
from app.act.templates import MAX_MAIL, MAX_SUBJECT, MAX_TEXT, one_line, render
from app.graph.rows import Row

NO_TEMPLATE = "outside the 24-hour window, and the automation has no content_sid"


def written(automation: Automation, person: Person, products: Sequence[str]) -> Row:
    """`subject` and `body`, as they go out."""
    names = person.names(products)
    most = MAX_MAIL if automation.channel == "email" else MAX_TEXT
    return {
        "subject": one_line(render(automation.subject, names, MAX_SUBJECT)) if automation.subject else None,
        "body": render(automation.template, names, most),
    }


def needs_template(by: str, channel: Channel, person: Person, clock: int) -> bool:
    """Whether a text of our own would not be let through: by WhatsApp, to who did not write within the last 24 hours."""
    return channel.strict_window and by == "whatsapp" and not may_write_freely(person, clock)


def templated(automation: Automation, person: Person, products: Sequence[str]) -> Row:
    """`content_sid` and `content_variables` (JSON) of the provider's template."""
    names = person.names(products)
    variables = {name: one_line(render(text, names, MAX_TEXT)) for name, text in automation.content_variables}
    return {"content_sid": automation.content_sid, "content_variables": orjson.dumps(variables).decode()}
