"""Settings, read once from environment variables; production refuses to start with sandbox values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
SANDBOX_SECRET = "sandbox-secret-not-for-production"  # noqa: S105 - refused outside the sandbox

STRIPE = "https://api.stripe.com"
_EXAMPLE_PHONE = "01622 000000"


class BadSettings(Exception):
    """The environment asks for something that must not run."""


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Settings:
    """Every setting, its default and what it means. Amounts are pence, times are seconds."""

    sandbox: bool = _setting(False, "run with the local Stripe, mailbox, demo people and movable clock")
    secret_key: str = _setting("", "signs cookies and links; at least 32 characters")
    database_url: str = _setting(f"sqlite:///{ROOT}/instance/crowdfund.sqlite3", "SQLite or postgresql+psycopg")
    public_url: str = _setting("http://127.0.0.1:8000", "the address people see, used in mails")
    stripe_api_key: str = _setting("", "restricted key of the council's own Stripe account")
    stripe_api_base: str = _setting(STRIPE, "where the Stripe library sends its requests")
    stripe_webhook_secrets: str = _setting("", "signing secrets, comma separated while one is rotated")
    checkout_origin: str = _setting("https://checkout.stripe.com", "where card details are entered")
    smtp_url: str = _setting("", "smtp://user:password@host:port, STARTTLS is always asked for")
    mail_from: str = _setting("Crowdfund Kent <no-reply@crowdfund.example.org>", "sender of every mail")
    service_name: str = _setting("Crowdfund Kent", "name in the header, titles and mails")
    council_name: str = _setting("Kent County Council", "who runs the service")
    help_email: str = _setting("help@crowdfund.example.org", "help address shown on every page")
    help_phone: str = _setting(_EXAMPLE_PHONE, "help line shown on every page")
    help_hours: str = _setting("Monday to Friday, 9am to 5pm", "when the help line answers")
    officers_email: str = _setting("officers@crowdfund.example.org", "where concerns about a project go")
    pledge_min_pence: int = _setting(200, "smallest pledge")
    pledge_max_pence: int = _setting(1_000_000, "largest pledge by card")
    quote_above_pence: int = _setting(500_000, "costs above this should come with quotes")
    settle_threshold_percent: int = _setting(95, "share of the target that must be collected, shown before pledging")
    refund_alone_pence: int = _setting(5_000, "largest refund that one officer may make without a second")
    statement_text: str = _setting("CROWDFUND KENT", "what backers read on their card statement, 5 to 22 letters")
    page_cache_ms: int = _setting(1000, "how long public pages are kept for visitors without a cookie, in milliseconds")
    metrics_token: str = _setting("", "bearer token for /metrics; without it only loopback may read")
    trusted_proxies: int = _setting(0, "how many proxies in front of us may set X-Forwarded-For")
    instance: str = _setting(str(ROOT / "instance"), "folder of the sandbox's own files")
    places_data: str = _setting(str(ROOT.parent / "shared" / "data"), "folder with the official postcode files")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read CROWDFUND_<NAME> variables. Raises BadSettings where they must not run together."""
        values: dict[str, Any] = {}
        for item in fields(cls):
            raw = environ.get(f"CROWDFUND_{item.name.upper()}")
            if raw is not None:
                values[item.name] = _parse(item.type, raw, item.name)
        settings = cls(**values)
        settings.refuse_unsafe()
        return settings

    def refuse_unsafe(self) -> None:
        """Raise BadSettings when production would run on sandbox values, or the sandbox on real ones."""
        broken = [sentence for wrong, sentence in self._rules() if wrong]
        if broken:
            raise BadSettings("; ".join(broken))

    def _rules(self) -> list[tuple[bool, str]]:
        if self.sandbox:
            return [("_live_" in self.stripe_api_key, "the sandbox must not be given a live key")]
        examples = [
            name for name in ("mail_from", "help_email", "officers_email") if "example.org" in getattr(self, name)
        ]
        short = len(self.secret_key) < 32 or self.secret_key == SANDBOX_SECRET
        keyless = not self.stripe_api_key.startswith(("rk_", "sk_")) or not self.stripe_webhook_secrets
        return [
            (short, "CROWDFUND_SECRET_KEY needs at least 32 characters of its own"),
            (self.stripe_api_base != STRIPE, "CROWDFUND_STRIPE_API_BASE may only differ in the sandbox"),
            (not self.public_url.startswith("https://"), "CROWDFUND_PUBLIC_URL must be https"),
            (keyless, "CROWDFUND_STRIPE_API_KEY and CROWDFUND_STRIPE_WEBHOOK_SECRETS are needed"),
            (not self.smtp_url, "CROWDFUND_SMTP_URL is needed"),
            (self.help_phone == _EXAMPLE_PHONE, "CROWDFUND_HELP_PHONE is still the example"),
            *((True, f"CROWDFUND_{name.upper()} is still the example") for name in examples),
        ]

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Every secret a webhook may be signed with."""
        return tuple(s for s in self.stripe_webhook_secrets.split(",") if s)


DOCS: dict[str, str] = {f"CROWDFUND_{f.name.upper()}": str(f.metadata["doc"]) for f in fields(Settings)}


def _parse(kind: object, raw: str, name: str) -> Any:
    if kind is bool:
        return raw.strip().lower() in {"1", "true", "yes"}
    if kind is int:
        try:
            return int(raw)
        except ValueError as error:
            raise BadSettings(f"CROWDFUND_{name.upper()} must be a whole number, not {raw!r}") from error
    return raw
