"""Numbers and sentences, which the page and the terminal share."""
