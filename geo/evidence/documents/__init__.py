"""What people read: figures, index page, memo."""
