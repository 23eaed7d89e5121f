"""What pages cost: bytes as a limit, times as a report."""

import json
from pathlib import Path

import pytest

from places import PLACES, Ground

# Bytes of a page with everything but images that a first visit transfers.
PAGE_BYTES = 60 * 1024

_MEASURE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const rest = performance.getEntriesByType("resource").filter((one) => !/\\.(svg|png|jpe?g|webp)$/.test(one.name));
  return {
    html: page.transferSize,
    bytes: [page, ...rest].reduce((sum, one) => sum + one.transferSize, 0),
    requests: 1 + rest.length,
    first_byte_ms: page.responseStart - page.requestStart,
    shown_ms: page.domContentLoadedEventEnd,
  };
}"""

# Pages that are the answer to a form come with what the page before it has already brought.
LATER = {
    "ask-refused",
    "ask-previewed",
    "sent",
    "follow-refused",
    "case-own",
    "case-waiting",
    "case-rating-refused",
    "case-reply-refused",
}
READ = [place for place in PLACES if place.name not in LATER]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_are_small(visit, ground: Ground, folder: Path, language):
    figures = {}
    for place in READ:
        page = place.reach(visit(language), ground)
        page.wait_for_load_state("load")
        figures[place.name] = page.evaluate(_MEASURE)
    (folder / f"pages-{language}.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    large = {name: it["bytes"] for name, it in figures.items() if it["bytes"] > PAGE_BYTES}
    assert not large, large
    assert all(it["html"] > 0 and it["requests"] >= 3 for it in figures.values()), "nothing was measured"
