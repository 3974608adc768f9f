"""Where settings and credentials come from, and which of them count. It sends no request."""
