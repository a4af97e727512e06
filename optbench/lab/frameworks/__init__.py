"""One training written in several frameworks, and whether all give the same numbers."""
