"""A trial and a run as plain data; streams of chance; whether two runs are the same to the bit."""
