"""Match: offers of funds to projects, what they come to, and who decides on them."""
