package tune

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// ErrNotRelayed says that a proxy does not relay the checksum database. The go
// command then asks the next one, and in the end the database.
var ErrNotRelayed = errors.New("does not relay the checksum database")

// A Lie is an answer that is proven to be wrong.
type Lie struct {
	Text      string // what came, after "sends"
	Want, Got string // the two sums; "" where it is not about one
}

func (l *Lie) Error() string {
	if l.Want == "" {
		return l.Text
	}
	return fmt.Sprintf("%s: %s instead of %s", l.Text, l.Got, l.Want)
}

// silent reports whether an error is that of a request which nobody answered.
func silent(err error) bool {
	var line *network.Error
	return errors.As(err, &line) && (line.Stage != network.AtAnswer || Words(err) == words[network.Slow])
}

// words are short for a reason, in a table.
var words = map[network.Reason]string{
	network.NoName:      "no such name",
	network.NoServer:    "no name server answers",
	network.Refused:     "refused",
	network.Unreachable: "unreachable",
	network.Slow:        "timeout",
	network.Reset:       "reset",
	network.PlainText:   "does not speak TLS",
	network.Clock:       "its certificate is not for this time",
	network.Authority:   "its certificate is from a stranger",
	network.Hostname:    "its certificate is for another name",
}

// Words says in a few words why something failed, without a password.
func Words(err error) string {
	var (
		line   *network.Error
		status *download.StatusError
		fault  *download.Error
		late   interface{ Timeout() bool }
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &line) && line.Reason == network.Proxy:
		return fmt.Sprintf("the HTTP proxy %s does not serve", line.Proxy)
	case line != nil && words[line.Reason] != "":
		return words[line.Reason]
	case errors.As(err, &status):
		return fmt.Sprintf("answers %d", status.Code)
	case errors.Is(err, checksumdb.ErrNotFound):
		return "does not know the module"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return words[network.Slow]
	case line != nil:
		return line.Cause()
	case errors.As(err, &fault):
		err = fault.Err
	}
	return strings.Join(strings.Fields(download.Redact(err.Error())), " ")
}
