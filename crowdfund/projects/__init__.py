"""Projects: what groups want to do; drafting, publishing, updates."""
