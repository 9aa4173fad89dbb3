"""Community crowdfunding and small grants for a county."""
