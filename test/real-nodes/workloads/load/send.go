package load

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// request is one that is to be sent at a time fixed beforehand.
type request struct {
	kind, app, query string
	at               time.Time
	endpoint         *endpoint
}

type sender struct {
	client  *http.Client
	record  *record
	waiting sync.WaitGroup
}

// send does not wait for the answer. There is no second try: what fails has failed.
func (s *sender) send(r request) {
	if r.endpoint == nil {
		s.record.write(r, 0, "no-endpoint")
		return
	}
	s.waiting.Go(func() {
		status := s.ask(r)
		s.record.write(r, time.Since(r.at), status)
	})
}

func (s *sender) ask(r request) string {
	response, err := s.client.Get("http://" + r.endpoint.address + "/" + r.query)
	if err != nil {
		return statusOf(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return statusOf(err)
	}
	return strconv.Itoa(response.StatusCode)
}

func statusOf(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err) {
		return "timeout"
	}
	return "error"
}
