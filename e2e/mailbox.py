"""What people find in their mail: the newest message to an address, its code and its link."""

import re
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.wiring import worker_of

_CODE = re.compile(r"\b\d{6}\b")
_LINK = re.compile(r"https?://\S+")


@dataclass
class Mailbox:
    """The mail of everybody; the worker delivers before anybody looks."""

    app: Flask

    def newest(self, address: str, template: str) -> Mail:
        """Return the newest mail of a kind to an address."""
        with self.app.app_context():
            worker_of(self.app).drain()
            to_them = select(Mail).where(Mail.recipient == address, Mail.template == template)
            found = db.session.scalars(to_them.order_by(Mail.id.desc())).first()
            db.session.remove()
        assert found, f"no mail {template} to {address}"
        return found

    def code(self, address: str) -> str:
        """Return the six digits of the newest sign-in mail."""
        found = _CODE.search(self.newest(address, "sign_in").body)
        assert found
        return found[0]

    def link(self, address: str, template: str) -> str:
        """Return the link in the newest mail of a kind."""
        found = _LINK.search(self.newest(address, template).body)
        assert found
        return found[0]
