"""What the pages about the cash book share: their blueprint, and which page of a list is asked for."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.core.errors import NotFound
from crowdfund.web.paging import Page, page_number

pages = Blueprint("money", __name__, url_prefix="/officers/money")
Answer = str | BaseResponse | tuple[str, int]
PAGE_SIZE = 25


def page_of(total: int, query: dict[str, str]) -> Page:
    """Return which page of a list is asked for. Raises NotFound for one that does not exist."""
    page = Page(page_number(request.args), total, PAGE_SIZE, request.path, query)
    if page.number > page.pages:
        raise NotFound("there is no such page")
    return page
