module pulumi-dli/tests/support/otc_signer

go 1.21

require github.com/opentelekomcloud/gophertelekomcloud v0.9.3
