package download

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ErrChanged says that the content behind the URL is no longer the one that
// Body has begun to hand out. The part file is gone; the caller starts over.
var ErrChanged = errors.New("the content changed during the download")

// ErrTooLarge says that a document is larger than the limit given to Get.
var ErrTooLarge = errors.New("the answer is larger than expected")

var errStalled = errors.New("the line stalled")

// StatusError is an answer whose status is none that was asked for.
type StatusError struct {
	URL  string // without user and password
	Code int    // 404 also for a file:// URL that names no file

	wait time.Duration // from Retry-After, 0 when there was none
}

func (e *StatusError) Error() string {
	if text := http.StatusText(e.Code); text != "" {
		return fmt.Sprintf("get %s: %d %s", e.URL, e.Code, text)
	}
	return fmt.Sprintf("get %s: status %d", e.URL, e.Code)
}

// temporary tells the answers that may be other ones a moment later.
func (e *StatusError) temporary() bool {
	return e.Code >= 500 || e.Code == http.StatusTooManyRequests || e.Code == http.StatusRequestTimeout
}

// Error is a fault of the network that stayed after all tries, or one that no
// second try can mend, such as a redirect loop or a bad certificate. Where the
// last try had an answer, Err is a *StatusError.
type Error struct {
	URL   string // without user and password
	Tried int    // requests made
	Err   error
}

func (e *Error) Error() string {
	text := oneLine(e.Err)
	if status := (*StatusError)(nil); !errors.As(e.Err, &status) {
		text = "get " + e.URL + ": " + text
	}
	if e.Tried > 1 {
		text += fmt.Sprintf(" (%d tries)", e.Tried)
	}
	return text
}

// Unwrap gives the fault of the last try.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound reports whether err says that there is no such file (404) or no
// longer (410), the two answers on which a GOPROXY list moves on at a comma.
func IsNotFound(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusGone)
}

var userinfo = regexp.MustCompile(`://[^/?#\s"]*@`)

// Redact returns text with the user and password of every URL in it replaced by
// three stars. A lone user is hidden too, because it may be an access token.
func Redact(text string) string {
	return userinfo.ReplaceAllString(text, "://***@")
}

// oneLine is the text of err without secrets and line breaks.
func oneLine(err error) string {
	return Redact(strings.Join(strings.Fields(err.Error()), " "))
}
