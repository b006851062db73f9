"""Settings that would fail later, far from their cause, are refused when they are read."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from app.cli import main, settings
from app.setting_names import unknown
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
        ({"public_url": "https://shop.example/\r/x"}, "http:// or https://"),
        ({"admin_webhook_url": "https://hook.example/a b", "admin_webhook_secret": SECRET}, "https://"),
        ({"admin_webhook_url": "https://[::1"}, "https://"),
        ({"neo4j_uri": "bolt://127.0.0.1:9", "neo4j_password": None}, "NEO4J_PASSWORD"),
        ({"twilio_account_sid": "AC" + "0" * 32}, "TWILIO_AUTH_TOKEN is not set"),
        ({"twilio_auth_token": "a token"}, "TWILIO_ACCOUNT_SID is not set"),
        ({"smtp_url": "smtp://mail.example"}, "SMTP_FROM is not set"),
        ({"smtp_from": "hi@shop.example"}, "SMTP_URL is not set"),
        ({"smtp_url": "mail.example:pass@587", "smtp_from": "hi@shop.example"}, "smtps://"),
        ({"smtp_url": "smtp://u:pass@h:port", "smtp_from": "hi@shop.example"}, "smtps://"),
        ({"smtp_url": "smtp://mail.example", "smtp_from": "Shop"}, "must be an e-mail address"),
        ({"api_key": "ci_pass@\nci_other"}, "a key as it was shown"),
        ({"api_key": "ci_pass@\u0434"}, "a key as it was shown"),
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


def test_blanks_around_are_nobodys_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of variables that were written on Windows end their lines in CR LF, which containers hand on."""
    monkeypatch.setenv("HOME", "/h")
    for name, value in {"HOST": " 127.0.0.1\r", "HOME": "/data/home\r", "ENGINE_DIR": "~/engine", "API_KEY": "ci_x\r\n"}.items():
        monkeypatch.setenv(f"CONSTINTEL_{name}", value)
    read = Settings()
    assert read.api_key is not None
    assert (read.host, read.home, read.engine_dir) == ("127.0.0.1", Path("/data/home"), Path("/h/engine"))
    assert read.api_key.get_secret_value() == "ci_x"
    urls = {name: f"https://{name}.example" for name in ("public_url", "admin_webhook_url", "twilio_api_base")}
    given = {name: f" {url}\r" for name, url in urls.items()}
    others = {"neo4j_uri": " bolt://x:7687\r", "twilio_account_sid": "AC1\r", "twilio_sms_from": " +15559999\r\n"}
    more = {"neo4j_password": "p", "admin_webhook_secret": "s" * 16, "twilio_auth_token": "t"}
    read = Settings(**given, **others, **more)  # type: ignore[arg-type]
    assert {name: getattr(read, name) for name in urls} == urls
    assert (read.neo4j_uri, read.twilio_account_sid, read.twilio_sms_from) == ("bolt://x:7687", "AC1", "+15559999")


def test_a_misspelt_variable_is_told() -> None:
    given = {"CONSTINTEL_REQUIRE_CONSNT": "true", "CONSTINTEL_PORT": "1", "constintel_host": "x", "CONSTINTEL_SMTP_URL": "x"}
    more = {"CONSTINTEL_GONE": "", "PATH": "/", "CONSTINTEL_MAVEN_REPOSITORY": "x", "CONSTINTEL_ZZZZZZZZZ": "x"}
    told, other = unknown(given | more)
    assert told.startswith("CONSTINTEL_REQUIRE_CONSNT is no setting")
    assert told.endswith("is CONSTINTEL_REQUIRE_CONSENT meant?")
    assert other.endswith("is it misspelt?")


def test_a_service_tells_of_a_misspelt_variable_before_all_else() -> None:
    settings.cache_clear()
    run = CliRunner().invoke(main, ["serve", "--host", "203.0.113.1"], env={"CONSTINTEL_SCHEDULR": "off"})
    assert run.exit_code == 1
    assert "warning: CONSTINTEL_SCHEDULR is no setting" in run.output
    assert "is CONSTINTEL_SCHEDULER meant?" in run.output
