"""What the terminal shows: within 80 columns, names as plain text."""
