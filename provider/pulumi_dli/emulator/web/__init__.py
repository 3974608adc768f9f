"""HTTP in and out: the server's application. What a request does is not decided here."""
