"""What `asv run` measures. Lower is better in every benchmark."""
