"""Settings come from the environment only; production refuses what is only safe in the sandbox."""

import pytest

from crowdfund.core.config import DOCS, SANDBOX_SECRET, BadSettings, Settings

PRODUCTION = {
    "CROWDFUND_SECRET_KEY": "k" * 32,
    "CROWDFUND_PUBLIC_URL": "https://crowdfund.example.org",
    "CROWDFUND_STRIPE_API_KEY": "rk_live_1",
    "CROWDFUND_STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old",
    "CROWDFUND_SMTP_URL": "smtp://mail.example.org:587",
    "CROWDFUND_MAIL_FROM": "Crowdfund <no-reply@crowdfund.example>",
    "CROWDFUND_HELP_EMAIL": "help@crowdfund.example",
    "CROWDFUND_HELP_PHONE": "01622 000001",
    "CROWDFUND_OFFICERS_EMAIL": "officers@crowdfund.example",
}
UNSAFE = {
    "CROWDFUND_SECRET_KEY": ("", "short", SANDBOX_SECRET),
    "CROWDFUND_PUBLIC_URL": ("http://crowdfund.example.org", ""),
    "CROWDFUND_STRIPE_API_KEY": ("", "pk_live_1"),
    "CROWDFUND_STRIPE_WEBHOOK_SECRETS": ("",),
    "CROWDFUND_SMTP_URL": ("",),
    "CROWDFUND_MAIL_FROM": ("no-reply@example.org",),
    "CROWDFUND_HELP_EMAIL": ("help@example.org",),
    "CROWDFUND_HELP_PHONE": ("01622 000000",),
    "CROWDFUND_OFFICERS_EMAIL": ("officers@example.org",),
    "CROWDFUND_STRIPE_API_BASE": ("http://127.0.0.1:12111", "https://api.stripe.example.org"),
}


def test_production_starts_with_settings_of_its_own() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert not settings.sandbox
    assert settings.webhook_secrets == ("whsec_new", "whsec_old")


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in UNSAFE.items() for value in values])
def test_production_refuses_one_unsafe_setting(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        Settings.from_env(PRODUCTION | {name: value})


def test_the_sandbox_refuses_a_live_key() -> None:
    with pytest.raises(BadSettings, match="live key"):
        Settings.from_env({"CROWDFUND_SANDBOX": "1", "CROWDFUND_STRIPE_API_KEY": "sk_live_1"})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env({})
    for name in ("SECRET_KEY", "PUBLIC_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS", "SMTP_URL"):
        assert f"CROWDFUND_{name}" in str(refused.value)


def test_an_empty_environment_is_production_and_not_the_sandbox() -> None:
    assert not Settings().sandbox


def test_no_secret_is_repeated_in_a_refusal() -> None:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env(PRODUCTION | {"CROWDFUND_SMTP_URL": "", "CROWDFUND_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "whsec" not in str(refused.value)


@pytest.mark.parametrize("word", ["1", "true", "YES", " True "])
def test_the_sandbox_is_switched_on_by_a_plain_yes(word: str) -> None:
    assert Settings.from_env({"CROWDFUND_SANDBOX": word}).sandbox


def test_numbers_are_read_as_numbers() -> None:
    settings = Settings.from_env(PRODUCTION | {"CROWDFUND_PLEDGE_MIN_PENCE": "500"})
    assert settings.pledge_min_pence == 500
    with pytest.raises(BadSettings, match="CROWDFUND_PLEDGE_MIN_PENCE must be a whole number"):
        Settings.from_env(PRODUCTION | {"CROWDFUND_PLEDGE_MIN_PENCE": "£5"})


def test_foreign_variables_are_left_alone() -> None:
    assert Settings.from_env(PRODUCTION | {"CROWDFUND_NO_SUCH_SETTING": "1", "PATH": "/bin"}) == Settings.from_env(
        PRODUCTION
    )


def test_every_setting_says_what_it_is_for() -> None:
    assert all(doc for doc in DOCS.values())


def test_the_sandbox_takes_no_live_key() -> None:
    with pytest.raises(BadSettings, match="live key"):
        Settings.from_env({"CROWDFUND_SANDBOX": "1", "CROWDFUND_STRIPE_API_KEY": "sk_live_1"})
