"""Judge the tests: seeded mistakes, covered lines, random runs, and every point where a run can be cut off."""
