"""Somebody without a mouse: Tab, Space, Enter and letters."""

from dataclasses import dataclass

from playwright.sync_api import Page

# What the focus is on, and whether somebody would see it: the focus must change how the thing (or the mark that a
# radio or checkbox draws beside it) looks, and nothing may lie on top of its middle.
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const labels = [...(at.labels || [])];
  const words = labels[0]?.innerText || at.getAttribute('aria-label') || at.innerText || at.value || '';
  const drawn = (node, part) => { const s = getComputedStyle(node, part);
    return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none'; };
  const marked = ['radio', 'checkbox'].includes(at.type) && labels.length ? drawn(labels[0], '::before') : false;
  const box = at.getClientRects()[0];
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  const mine = top && (at.contains(top) || top.contains(at) || labels.some(label => label.contains(top)));
  return { name: words.trim().replace(/\\s+/g, ' '), id: at.id, seen: drawn(at) || marked, free: Boolean(mine),
    covered_by: mine ? '' : (top ? top.outerHTML.slice(0, 80) : 'outside the window') };
}"""


@dataclass
class Keyboard:
    """A page worked by keys alone."""

    page: Page

    def focused(self) -> dict[str, object] | None:
        """What has the focus: its name, and whether it is seen and free; None on the page itself."""
        return self.page.evaluate(STOP)

    def goes_to(self, name: str, most: int = 80) -> None:
        """Press Tab until the thing with this name has the focus."""
        passed = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.focused()
            if stop and stop["name"] == name:
                assert stop["seen"], f"no focus mark on {stop}"
                assert stop["free"], f"covered: {stop}"
                return
            passed.append(stop and stop["name"])
        raise AssertionError(f"Tab never reaches {name!r}; it passes {passed}")

    def presses(self, name: str, key: str = "Enter") -> None:
        """Go to a thing and press a key there."""
        self.goes_to(name)
        self.page.keyboard.press(key)

    def types(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.goes_to(name)
        self.page.keyboard.type(text)

    def stops(self, most: int = 200) -> list[dict[str, object]]:
        """Everything that Tab passes from here to the end of the page."""
        found = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.focused()
            if stop is None:
                return found
            found.append(stop)
        raise AssertionError(f"Tab finds no end: {[stop['name'] for stop in found[-5:]]}")
