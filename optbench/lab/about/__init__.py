"""What there is to say of anything that has a name, as plain data: for `optbench show`, and for pages about it."""
