"""What `optbench list` shows in a terminal of 80 columns."""

import pytest

from optbench.registry.listing import listing, listing_lines


def test_no_word_is_broken_over_lines_at_80_columns():
    found = listing(["optimizers", "schedules", "datasets"])
    lines = list(listing_lines(found, 80))
    words = set(" ".join(lines).split())
    for kind, items in found.items():
        for item in items:
            assert item["name"] in words, kind
            for name, value in item["hyperparameters"].items():
                told = f"{name}={value['default']}".split()[0]
                assert told in words or f"{told}," in words, told
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [20, 80, 200])
def test_all_is_there_in_any_width(width):
    """Of a suite, too, whose title is all that is read; dimmed or not, the words are the same."""
    found = listing(["suites", "functions"])
    text = " ".join(listing_lines(found, width))
    words = text.split()
    for item in (item for items in found.values() for item in items):
        assert item["name"] in words
        assert set(item["description"].split()) <= set(words) or width < 80
    assert "Quick: seven optimizers" in {item["name"]: item["description"] for item in found["suites"]}["quick"]
    dimmed = " ".join(listing_lines(found, width, dimmed=True))
    assert dimmed != text
    assert dimmed.replace("\x1b[2m", "").replace("\x1b[0m", "") == text
