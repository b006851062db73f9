"""How a mail server is named."""

PORTS = {"smtp": 587, "smtp+starttls": 587, "smtps": 465}  # by the scheme of its URL
WANTED = f"one of {', '.join(f'{name}://' for name in PORTS)} with user:password@host:port"
