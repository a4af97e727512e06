"""Which plugins there are, loading them one by one, and finding what they offer by name."""
