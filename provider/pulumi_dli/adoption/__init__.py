"""Bringing existing jobs under management: from what DLI says of them to a program that adopts them as they are.

literals, naming    Python's source text of values, and names for variables and resources
entries, program    what a job's declaration holds, and the text of the whole program
terraform           which jobs a Terraform state manages
survey              reading the jobs from DLI
project             the folder and the stack that take the result
command             `pulumi-dli adopt`
"""
