"""Jobs as the emulator keeps them, and how they live. No requests here."""
