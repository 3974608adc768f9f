"""Bringing a job to what was asked for, in checked steps, and whose a job is.

It knows no Pulumi, and does not speak HTTP itself.
"""
