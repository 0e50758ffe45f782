package download

import (
	"fmt"
	"net/http"
)

const maxRedirects = 10

// redirectError is a redirect that is not followed; the next try would meet the
// same one.
type redirectError struct{ text string }

func (e *redirectError) Error() string { return e.text }

func refuse(format string, args ...any) error {
	return &redirectError{text: Redact(fmt.Sprintf(format, args...))}
}

// checkRedirect is the rule for http.Client. A step from https to http would
// let anyone on the line answer; digests would still catch a forged archive, but
// a list has none.
func checkRedirect(req *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	switch req.URL.Scheme {
	case "https":
	case "http":
		if last.Scheme == "https" {
			return refuse("redirect from https to %s refused", req.URL)
		}
	default:
		return refuse("redirect to %s refused", req.URL)
	}
	for _, earlier := range via {
		if earlier.URL.String() == req.URL.String() {
			return refuse("redirect loop at %s", req.URL)
		}
	}
	if len(via) > maxRedirects {
		return refuse("more than %d redirects", maxRedirects)
	}
	return nil
}
