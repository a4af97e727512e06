"""What docs/in-hand.md says of lines and seconds, measured and tested."""
