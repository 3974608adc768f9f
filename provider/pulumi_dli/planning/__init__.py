"""What a change means before anything is sent: what differs, which steps, which risks.

Pure: no I/O, no Pulumi, no request.
"""
