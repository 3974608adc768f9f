"""Make what the project is built and checked with: environment, generated files, API reference, Flink, a signer."""
