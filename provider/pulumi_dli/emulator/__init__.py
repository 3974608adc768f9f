"""An emulator of the DLI Flink job API, written from the documents alone.

    openapi.yaml, contract              what the documents say, and checks against it
    options, storage, migrations, state what it is told, what it keeps, what it knows
    statuses, job, queues, details      what happens to a job, and how it is shown
    exchange, refusals, routes, service a request as data, from its token to its answer
    flink_jobs, identity                the handlers
    faults, journal, control, control_routes   what tests ask of it
    page                                what people look at
    app, guard, connections, server, command   the sockets

It imports nothing else of the product: two readings of one contract check each other.
"""
