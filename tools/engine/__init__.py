"""Finds the Pulumi engine that tests and the demonstration run with, or makes it."""
