"""By hand: small experiments a step at a time, and one model watched while it trains."""
