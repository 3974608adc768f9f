"""What DLI and IAM do with a request. It knows no sockets."""
