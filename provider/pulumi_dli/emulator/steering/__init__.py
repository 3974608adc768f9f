"""What a test may see and change behind the service's back: faults, the log of requests, a rate limit. No jobs here."""
