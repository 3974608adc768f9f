"""Bringing existing jobs under management: from what DLI says of them to a program that adopts them as they are.

It only reads from DLI: no job is changed here.

python_literals, naming    Python's source text of values, and names for variables and resources
declarations, render       what a job's declaration holds, and the text of the whole program
terraform                  which jobs a Terraform state manages
discovery                  reading the jobs from DLI
pulumi_project             the folder and the stack that take the result
command                    `pulumi-dli adopt`
"""
