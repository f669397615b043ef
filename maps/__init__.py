"""One self-contained page from the published tables and rasters, and its embed."""
