"""The pages: of a run, and of one watched training."""
