"""How a request proves who sends it: by a token, a login or a signature. It sends no request to DLI."""
