"""What tests and tools share: stacks, servers, programs and texts to test with. No test lives here."""
