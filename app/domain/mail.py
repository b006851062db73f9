"""How a mail server is named, and who writes."""

from email.utils import parseaddr

PORTS = {"smtp": 587, "smtp+starttls": 587, "smtps": 465}  # by the scheme of its URL
WANTED = f"one of {', '.join(f'{name}://' for name in PORTS)} with user:password@host:port"
SENDER = "an e-mail address, perhaps with a name: Shop <hello@shop.example>"


def is_sender(text: str) -> bool:
    return "@" in parseaddr(text)[1]
