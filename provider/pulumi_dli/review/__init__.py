"""`pulumi-dli review`: what a preview means for the jobs of its stacks, for those who decide on a change."""
