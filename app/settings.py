"""Every setting of the service: read once from the environment, then frozen.

Only the composition roots (`app.main`, `app.cli`) read this; everything else is handed what it needs. A variable that is set to
nothing is as one that is not set: so `CONSTINTEL_PORT=` in a shell, or `${CONSTINTEL_PORT:-}` in a compose file.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.setting_types import (
    Country,
    Currency,
    EmailAddresses,
    Folder,
    HeaderSecret,
    HostNames,
    HttpUrl,
    JsonObject,
    MailSender,
    MailServer,
    MaybeBlank,
    MemorySize,
    Neo4jUri,
    OptionalSecret,
    OptionalStr,
    Trimmed,
    WebhookUrl,
)

CHECKOUT = Path(__file__).resolve().parents[1]
ENV_PREFIX = "CONSTINTEL_"


def _also(name: str) -> AliasChoices:
    """A variable that others know by this name, which goes before ours."""
    return AliasChoices(name, f"{ENV_PREFIX}{name}")


# Of which one alone would be passed over: messages would be recorded as sent, and go nowhere.
TOGETHER = (
    ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    ("SMTP_URL", "SMTP_FROM"),
    ("CONSTINTEL_ADMIN_WEBHOOK_URL", "CONSTINTEL_ADMIN_WEBHOOK_SECRET"),
)


class Settings(BaseSettings):
    """The environment, as the service understands it. Raises pydantic.ValidationError naming each bad variable."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # an error message must not show a password
    )

    home: Folder = Field(
        CHECKOUT / ".constintel" / "home",
        description="Folder of all local state: the embedded database, with what was learnt in it, its password and its logs.",
    )
    engine_dir: Folder = Field(
        CHECKOUT / ".constintel" / "engine",
        description="Folder of the embedded Neo4j's program files, filled by `make setup`; never inside `home`.",
    )
    host: Annotated[str, Trimmed] = Field(
        "127.0.0.1",
        description="Address the service listens on. On any but a loopback address it asks for keys (`CONSTINTEL_ACCESS`).",
    )
    access: Literal["auto", "open", "keys"] = Field(
        "auto",
        description="Who may ask: `keys`: who brings a key of the brand; `open`: everybody who reaches the service; "
        "`auto`: on loopback everybody until the first key is made, else who brings one.",
    )
    api_key: HeaderSecret = Field(
        None,
        description="The key that commands which ask a running service (`scenario`, `jobs`) send along.",
    )
    allowed_hosts: Annotated[HostNames, NoDecode] = Field(
        (),
        description="Names of hosts, with commas between, by which browsers reach the service beside addresses, names without a "
        "dot, `.localhost`, `.local`, `.internal`, `.test` and the host of `CONSTINTEL_PUBLIC_URL`; and of sites whose pages may "
        "send events. `*`: all, which lets any page of the web that somebody here opens read everything.",
    )
    port: int = Field(3000, ge=1, le=65535, description="TCP port the service and the console listen on.")

    neo4j_uri: Neo4jUri = Field(
        None,
        validation_alias=_also("NEO4J_URI"),
        description="Bolt or neo4j URI of an outside Neo4j 5 server, cluster or Aura. Not set: the embedded one.",
    )
    neo4j_username: str = Field(
        "neo4j",
        validation_alias=_also("NEO4J_USERNAME"),
        description="User name at the outside Neo4j.",
    )
    neo4j_password: OptionalSecret = Field(
        None,
        validation_alias=_also("NEO4J_PASSWORD"),
        description="Password at the outside Neo4j; required when `NEO4J_URI` is set, unused otherwise.",
    )
    neo4j_database: OptionalStr = Field(
        None,
        validation_alias=_also("NEO4J_DATABASE"),
        description="Database at the outside Neo4j. Not set: the user's home database.",
    )
    neo4j_bolt_port: Annotated[int | None, MaybeBlank] = Field(
        None,
        ge=1,
        le=65535,
        description="Fixed Bolt port of the embedded Neo4j. Not set: 7687 when free, else any free port.",
    )
    neo4j_heap: MemorySize = Field("1g", description="Java heap limit of the embedded Neo4j, such as `512m` or `4g`.")
    neo4j_pagecache: MemorySize = Field("512m", description="Page cache of the embedded Neo4j, such as `512m` or `4g`.")

    max_auto_merge_profiles: int = Field(
        3,
        ge=1,
        validation_alias=AliasChoices("CONSTINTEL_MAX_AUTO_MERGE_PROFILES", "MAX_AUTO_MERGE_PROFILES"),
        description="Most profiles that may become one without a person's decision; above it a review is opened.",
    )
    source_priority: Annotated[dict[str, tuple[str, ...]], NoDecode, JsonObject] = Field(
        {},
        description="Which sources' values of an attribute survive before newer ones, the most trusted first: a JSON object of "
        'attribute names (`*`: all others) and lists of sources, such as `{"*": ["import", "pos"], "city": ["shopify"]}`. '
        "A change holds for what comes from then on.",
    )
    default_currency: Currency = Field(
        "USD", description="ISO 4217 currency of amounts without one, and of each brand's lifetime values."
    )
    default_country: Country = Field(
        "US", description="ISO 3166 country of phone numbers without one, when the payload names none."
    )

    batch_max_events: int = Field(100, ge=1, le=10_000, description="Most events written in one transaction.")
    batch_max_wait_ms: int = Field(
        0,
        ge=0,
        le=1_000,
        description="Longest time, in milliseconds, that a writer waits for company before its first batch; 0: not at all.",
    )
    request_deadline_s: float = Field(
        4.5,
        gt=0,
        le=300,
        description="Longest time, in seconds, that an ingest request waits for its commit before it answers 503; "
        "a request of many events has 0.02 s more for each.",
    )

    stream_retention_days: int = Field(
        7,
        ge=1,
        le=36_500,
        description="How many days entries stay in the streams (events themselves stay); a cursor before the oldest is 410.",
    )
    max_open_streams: int = Field(
        200,
        ge=0,
        le=10_000,
        description="Most streams that one process sends as Server-Sent Events at once; beyond it 503 with `Retry-After`.",
    )

    scheduler: bool = Field(True, description="Whether clock-driven jobs run; `off` stops them.")
    job_lease_s: float = Field(
        60,
        ge=1,
        le=3_600,
        description="Seconds for which a job whose process was killed is still thought to run; then any replica takes it over.",
    )
    rules_grace_s: float = Field(
        45,
        ge=0,
        le=600,
        description="Seconds between putting other rules in force and resolving everybody anew: every transaction that began "
        "under the earlier ones must have ended by then.",
    )
    twilio_account_sid: OptionalStr = Field(
        None,
        validation_alias=_also("TWILIO_ACCOUNT_SID"),
        description="Twilio's account (AC...). Not set: WhatsApp and SMS are recorded by the `sandbox`; nothing leaves.",
    )
    twilio_auth_token: OptionalSecret = Field(
        None,
        validation_alias=_also("TWILIO_AUTH_TOKEN"),
        description="Its auth token; required with the account.",
    )
    twilio_whatsapp_from: OptionalStr = Field(
        None,
        validation_alias=_also("TWILIO_WHATSAPP_FROM"),
        description="WhatsApp sender: a number such as +15559999, or a messaging service (MG...). Not set: the sandbox.",
    )
    twilio_sms_from: OptionalStr = Field(
        None,
        validation_alias=_also("TWILIO_SMS_FROM"),
        description="SMS sender: a number, or a messaging service (MG...). Not set: the sandbox.",
    )
    twilio_api_base: HttpUrl = Field(
        None,
        validation_alias=_also("TWILIO_API_BASE"),
        description="Where Twilio's API answers, such as a proxy's http://127.0.0.1:8080. Not set: Twilio's own address.",
    )
    twilio_status_callback: HttpUrl = Field(
        None,
        validation_alias=_also("TWILIO_STATUS_CALLBACK"),
        description="Public URL that Twilio reports deliveries to: https://HOST/api/integrations/twilio/webhook/{brand}; "
        "`{brand}` is filled in.",
    )
    smtp_url: MailServer = Field(
        None,
        validation_alias=_also("SMTP_URL"),
        description="Mail server: smtp://user:password@host:port (TLS when offered), smtp+starttls:// (TLS or nothing) or "
        "smtps://. Not set: e-mail is recorded by the `sandbox`.",
    )
    smtp_from: MailSender = Field(
        None,
        validation_alias=_also("SMTP_FROM"),
        description="Sender of e-mail, such as `Shop <hello@shop.example>`; required with `SMTP_URL`.",
    )
    require_consent: bool = Field(
        False, description="Whether messages go only to people who have said yes. An explicit no is honoured either way."
    )
    approval_above: int = Field(
        500,
        ge=0,
        le=100_000_000,
        description="Most people of a brand that automations write to in a day without a person's approval: a run that would "
        "reach more waits, all of it, in `/api/automation-batches`.",
    )
    send_timeout_s: float = Field(
        15,
        gt=0,
        le=120,
        description="Seconds that one call to Twilio or a mail server may take; four times as long a message whose sender "
        "fell silent stays as it is, then the provider is asked what became of it.",
    )
    send_backoff_s: float = Field(
        30, gt=0, le=3_600, description="Seconds before a message that could not be sent is tried again; then ever longer."
    )
    admin_emails: Annotated[EmailAddresses, NoDecode] = Field(
        (),
        description="Who gets a brand's letter of the day about reviews that wait: e-mail addresses with commas between. "
        "Sent through `SMTP_URL`; without it recorded by the `sandbox`.",
    )
    admin_webhook_url: WebhookUrl = Field(
        None,
        description="Where reviews that are new or have waited long are told at once, as signed JSON: https:// (http:// only of "
        "this machine). Redirects are not followed.",
    )
    admin_webhook_secret: OptionalSecret = Field(
        None,
        min_length=16,
        description="What the webhook's calls are signed with: 16 characters or more; required with the URL.",
    )
    review_ageing_days: int = Field(
        2, ge=1, le=365, description="Days after which a review that still waits is told of once more, as ageing."
    )
    public_url: HttpUrl = Field(
        None,
        description="Where people reach this service, such as https://identity.shop.example: links to reviews begin with it "
        "(not set: they are paths), and so does, with https, the link in an e-mail's head by which people want no more of them.",
    )
    secret_key: OptionalSecret = Field(
        None,
        min_length=16,
        description="What the secrets of senders are sealed with in the graph: 16 characters or more, the same on all replicas. "
        "Not set: a key of the home's own, `secrets.key`.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe level logged.")

    log_format: Annotated[Literal["json", "text"] | None, MaybeBlank] = Field(
        None, description="`json` or `text`. Not set: text on a terminal, JSON otherwise."
    )
    drain_s: float = Field(
        0,
        ge=0,
        le=120,
        description="Seconds that the service still serves after SIGTERM while `/readyz` says 503 already, so that a load "
        "balancer looks away first.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Refuse combinations that would fail later, far from their cause."""
        if self.neo4j_uri is not None and self.neo4j_password is None:
            raise ValueError(f"NEO4J_URI is set to {self.neo4j_uri!r} but NEO4J_PASSWORD is not; set both or neither")
        for pair in TOGETHER:
            missing = [name for name in pair if getattr(self, name.removeprefix(ENV_PREFIX).lower()) is None]
            if len(missing) == 1:
                raise ValueError(f"{' and '.join(pair)} go together, and {missing[0]} is not set; set both or neither")
        if self.engine_dir.absolute().is_relative_to(self.home.absolute()):
            raise ValueError(
                f"CONSTINTEL_ENGINE_DIR ({self.engine_dir}) lies inside CONSTINTEL_HOME ({self.home}); "
                "the engine must outlive a home, so choose a folder outside it"
            )
        return self
