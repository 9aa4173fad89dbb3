"""A mail is plain text with one sender and one recipient; nothing in it can add a header."""

from datetime import UTC, datetime

import pytest

from crowdfund.notifications.models import Mail
from crowdfund.notifications.sender import MailboxTransport, as_message


def mail(**changes: str) -> Mail:
    values = {"public_id": "x" * 26, "recipient": "rosa@example.org", "subject": "Your pledge", "body": "Thank you.\n"}
    return Mail(created_at=datetime(2027, 1, 18, 9, tzinfo=UTC), **(values | changes))


def test_a_mail_says_who_when_and_that_no_person_wrote_it() -> None:
    message = as_message(mail(), "Crowdfund Kent <no-reply@crowdfund.example.org>")
    assert message["To"] == "rosa@example.org"
    assert message["From"] == "Crowdfund Kent <no-reply@crowdfund.example.org>"
    assert message["Date"] == "Mon, 18 Jan 2027 09:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{'x' * 26}@crowdfund.example.org>"
    assert message.get_content_type() == "text/plain"


def test_a_repeat_carries_the_same_message_id() -> None:
    assert as_message(mail(), "a@b.example")["Message-ID"] == as_message(mail(), "a@b.example")["Message-ID"]


@pytest.mark.parametrize("field", ["recipient", "subject"])
def test_a_line_break_cannot_add_a_header(field: str) -> None:
    with pytest.raises(ValueError, match="line"):
        as_message(mail(**{field: "x\r\nBcc: other@example.org"}), "a@b.example")


def test_words_beyond_ascii_arrive_whole() -> None:
    message = as_message(mail(subject="Danke, Ayşe 🐑", body="£25 für die Bank\n"), "a@b.example")
    assert message["Subject"] == "Danke, Ayşe 🐑"
    assert message.get_content() == "£25 für die Bank\n"


def test_the_sandbox_keeps_what_it_does_not_send() -> None:
    transport = MailboxTransport()
    transport.send(mail())
    assert transport.keeps_bodies
