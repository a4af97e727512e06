"""Is this installation, on this machine as it is now, fit to measure with? `optbench doctor` asks, a file a part."""
