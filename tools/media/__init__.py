"""Draw the pictures and plots of the documents from real output."""
