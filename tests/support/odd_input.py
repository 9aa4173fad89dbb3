"""What nobody should type into a field but somebody will, and what a page has to say about it."""

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

ODD = {
    "empty": "",
    "spaces": "   ",
    "too_long": "x" * 5000,
    "negative": "-5",
    "huge": "9" * 30,
    "emoji": "🐑🐑🐑",
    "right_to_left": "\u202e\u0627\u0644\u0633\u0644\u0627\u0645",
    "html": '<script>alert(1)</script><b hx-get="/x">x</b>',
    "nul": "a\x00b",
    "line_breaks": "a\r\nBcc: b@example.org",
    "percent": "%s %00 ${7*7} {0}",
    "surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
}


def check_it_speaks(reply: TestResponse) -> None:
    """Raise AssertionError unless the page says what is wrong: in the title, in a summary that links, beside it."""
    soup = BeautifulSoup(reply.text, "html5lib")
    summary = soup.select_one(".govuk-error-summary")
    assert summary, "no error summary"
    links = [str(a["href"]) for a in summary.select("a[href^='#']")]
    assert links, "the summary leads nowhere: " + summary.get_text(" ", strip=True)
    for link in links:
        assert soup.select_one(link), f"{link} leads nowhere"
    beside = [error.get_text(" ", strip=True) for error in soup.select(".govuk-error-message")]
    assert beside, "no sentence beside the field"
    assert soup.title
    assert soup.title.get_text().startswith("Error: ")
