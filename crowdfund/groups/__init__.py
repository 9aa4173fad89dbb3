"""Groups: the community groups that post projects, and their members."""
