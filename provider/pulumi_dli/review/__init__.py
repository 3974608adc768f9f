"""`pulumi-dli review`: what a preview means for the jobs of its stacks, for those who decide on a change.

It reads previews and writes reports; it sends no request to DLI and does not change a job.
"""
