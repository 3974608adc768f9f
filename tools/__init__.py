"""The programs that development needs and the package does not."""
