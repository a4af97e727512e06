"""Many trials, somewhere: engines, worker processes, resuming, and what a person sees meanwhile."""
