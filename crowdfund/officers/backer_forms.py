"""What officers fill in about a pledge that may be no qualifying backer."""

from wtforms import HiddenField

from crowdfund.pledges.setting_aside import MOST_REASON, NO_REASON
from crowdfund.web.forms import Form, TextField


class AsideForm(Form):
    """Why a pledge is set aside, or why that is taken back; `wish` is 'aside' or 'back'."""

    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, lines=True)
    wish = HiddenField()
