"""What a job is: its properties, values, statuses, and how the service shows it.

Pure: no I/O, no Pulumi, and nothing of what a change does.
"""
