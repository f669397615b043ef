"""The same question under other choices."""
