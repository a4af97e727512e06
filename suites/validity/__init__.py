"""Does small predict big: our orders beside published ones, and our own at four widths: docs/validity.md."""
