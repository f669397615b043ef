"""What the project knows before it runs: sources, studies and cited parameters."""
