"""DLI and IAM over HTTP: requests, proofs, retries, errors. It decides nothing about a job and knows no Pulumi."""
