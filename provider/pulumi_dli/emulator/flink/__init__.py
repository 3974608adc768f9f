"""Jobs on a real Apache Flink of this machine (`--flink`), instead of by the clock.

    distribution, certificate, settings   which Java and Flink, who may talk to it, how much memory
    keeper, cluster                       its processes, which end with the emulator however that ends
    objects, package                      obs:// inside a folder, and the JAR that Flink gets
    submission, reading                   a job's properties as Flink takes them; Flink's answers as DLI's. Pure
    rest, engine                          asking Flink, and bringing each job where its record says
    dashboard                             Flink's own page, behind the emulator's

Flink is a session cluster of one JobManager and one TaskManager for all jobs: a JAR that ends its JVM
takes the others down with it, and CU numbers bound nothing. Both differ from DLI.
"""
