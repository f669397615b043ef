"""Where recorded deaths lie, described."""
