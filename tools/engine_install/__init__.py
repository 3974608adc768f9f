"""Find the Pulumi engine that tests and the demonstration run with, or make it."""
