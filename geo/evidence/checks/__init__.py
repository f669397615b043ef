"""What is asked of a finished bundle: verify, explain, compare, safeguards."""
