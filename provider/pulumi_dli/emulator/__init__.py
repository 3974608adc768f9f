"""An emulator of the DLI Flink job API, written from the documents alone.

It imports nothing else of the product, and the product nothing of it but for the fixtures of `testing`: two readings
of one contract check each other.

    openapi.yaml, contract    what the documents say, and checks against it
    options, messages, errors what it is started with; requests, answers and refusals as data
    jobs/                     jobs as it keeps them, and what happens to them
    steering/, control        what a test may see and change
    operations/               what DLI and IAM do with a request
    page/                     what people look at
    web/, server, command     the sockets
    flink/                    jobs that run on a real Flink
"""
