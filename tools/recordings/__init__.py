"""Record what tests of later versions read: stored states and previews."""
