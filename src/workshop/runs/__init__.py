"""Find, check, execute and sweep notebooks."""
