"""From one trial to its run, in this process."""
