"""The process that Pulumi starts the provider in, and its link to the engine. It knows nothing of jobs."""
