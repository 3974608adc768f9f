"""Show the provider at work: the main job end to end, and a job on a real Flink."""
