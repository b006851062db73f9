"""Settings that would fail later, far from their cause, are refused when they are read."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import Settings

SECRET = "whsec_0123456789abcdef"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"admin_webhook_url": "http://hook.example/x"}, "https://"),
        ({"admin_webhook_url": "https://user:pass@hook.example"}, "https://"),
        ({"admin_webhook_url": "https://hook.example"}, "go together"),
        ({"admin_webhook_secret": SECRET}, "go together"),
        ({"admin_webhook_url": "https://hook.example", "admin_webhook_secret": "short"}, "16"),
        ({"admin_emails": "ann@shop.example, bob"}, "commas between"),
        ({"allowed_hosts": "https://id.shop.example"}, "without https://"),
        ({"allowed_hosts": "id.shop.example:443"}, "without https://"),
        ({"public_url": "id.shop.example"}, "http:// or https://"),
        ({"public_url": "http://[::1"}, "http:// or https://"),
        ({"admin_webhook_url": "https://[::1"}, "https://"),
        ({"neo4j_uri": "bolt://127.0.0.1:9", "neo4j_password": None}, "NEO4J_PASSWORD"),
        ({"twilio_account_sid": "AC" + "0" * 32}, "TWILIO_AUTH_TOKEN"),
        ({"smtp_url": "smtp://mail.example"}, "SMTP_FROM"),
        ({"home": Path("/h"), "engine_dir": Path("/h/engine")}, "outside it"),
    ],
)
def test_settings_that_would_fail_later_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as refused:
        Settings(**given)
    assert "pass@" not in str(refused.value)


def test_settings_as_they_are_written() -> None:
    both = {"admin_webhook_url": "https://hook.example", "admin_webhook_secret": SECRET}
    read = Settings(admin_emails="ann@shop.example, bob@shop.example,", **both)  # type: ignore[arg-type]
    assert read.admin_emails == ("ann@shop.example", "bob@shop.example")
    assert Settings(admin_emails="").admin_emails == ()  # type: ignore[arg-type]
    assert Settings(allowed_hosts=" Id.Shop.example., *,").allowed_hosts == ("id.shop.example", "*")  # type: ignore[arg-type]
