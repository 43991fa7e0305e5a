"""Reading files with limits on size and without blocking, and writing them atomically."""
