"""Chain of custody, crate and the restricted tree."""
