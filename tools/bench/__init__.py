"""Measure this provider against an empty one on the same engine, and the emulator."""
