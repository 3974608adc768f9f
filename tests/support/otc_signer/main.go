// Signs requests with the Go SDK of Open Telekom Cloud: one JSON object per line in, one out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	golangsdk "github.com/opentelekomcloud/gophertelekomcloud"
)

type unsigned struct {
	AccessKey string
	SecretKey string
	Method    string
	URL       string
	Headers   map[string]string
	// Base64; null is no body at all.
	Body *[]byte
	// How long ago it is to be signed.
	SecondsAgo int64
}

type signed struct {
	Date          string
	Authorization string
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(sign(line)); err != nil {
			log.Fatal(err)
		}
	}
}

func sign(line []byte) signed {
	var asked unsigned
	if err := json.Unmarshal(line, &asked); err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest(asked.Method, asked.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	if asked.Body != nil {
		request.Body = io.NopCloser(bytes.NewReader(*asked.Body))
	}
	for name, value := range asked.Headers {
		request.Header.Set(name, value)
	}
	golangsdk.Sign(request, golangsdk.SignOptions{
		AccessKey:           asked.AccessKey,
		SecretKey:           asked.SecretKey,
		TimeOffsetInSeconds: asked.SecondsAgo,
	})
	return signed{request.Header.Get("X-Sdk-Date"), request.Header.Get("Authorization")}
}
