package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// smallModule is a document that never changes and has one line, by which a login page
// is known. A proxy that does not have it says so, which is an answer as well.
const (
	smallModule = "golang.org/x/text/@v/v0.3.0.mod"
	smallAnswer = "module golang.org/x/text"
)

// A visit is what one entry of GOPROXY said. The error is the go command's: one of
// goproxy.IsNotFound leads on to the next entry.
type visit struct {
	err     error
	trouble *trouble // nil if there is none
}

func lookGOPROXY(ctx context.Context, m *Machine) Finding {
	if m.Net == nil {
		return skipped(nobodyAsked)
	}
	list, source, known, err := m.proxies()
	switch {
	case !known:
		return skipped("GOPROXY is not set, and the default of the go command is not known")
	case errors.Is(err, errUnescaped):
		return Finding{Status: Error, Text: fmt.Sprintf("GOPROXY has %v", err), Evidence: []string{"GOPROXY is from " + source}, Cure: "write @ as %40 and / as %2F in the password"}
	case err != nil:
		return Finding{Status: Error, Text: fmt.Sprintf("GOPROXY, from %s, is no list that the go command reads: %v", source, err), Cure: m.unset("GOPROXY", source)}
	case len(list.Proxies()) == 0:
		return ok("GOPROXY=%s asks no proxy", hide(list.String()))
	}
	visits := all(list.Proxies(), func(p goproxy.Proxy) visit { return m.visit(ctx, p) })
	next := 0
	err = list.EachDirect(ctx, func(goproxy.Proxy) error {
		next++
		return visits[next-1].err
	}, func() error { return nil })
	stops := err != nil && !goproxy.IsNotFound(err)
	return judgeVisits(visits, stops, fmt.Sprintf("GOPROXY=%s, from %s", hide(list.String()), source))
}

// judgeVisits takes the worst of what was met. What the go command passes over is
// no error.
func judgeVisits(visits []visit, stops bool, setting string) Finding {
	f := ok("%s: all that is asked answers", setting)
	var texts, causes []string
	for _, v := range visits {
		if v.trouble == nil {
			continue
		}
		if v.trouble.status != Info {
			causes = append(causes, v.trouble.because)
		}
		status := v.trouble.status
		if status == Error && !stops {
			status = Warning
		}
		texts = append(texts, v.trouble.text)
		f.Evidence = append(f.Evidence, v.trouble.evidence...)
		if rank(status) > rank(f.Status) {
			f.Status, f.Cure = status, v.trouble.cure
		}
	}
	if len(texts) > 0 {
		f.Text, f.Evidence = strings.Join(texts, "; "), append([]string{setting}, f.Evidence...)
	}
	if causes = slices.Compact(causes); len(causes) == 1 {
		f.Because = causes[0]
	}
	if f.Status == Error {
		f.Text += "; the go command stops there"
	}
	return f
}

// rank orders what a check may say.
func rank(s Status) int {
	return map[Status]int{OK: 1, Info: 2, Warning: 3, Error: 4}[s]
}

func (m *Machine) visit(ctx context.Context, p goproxy.Proxy) visit {
	if p.IsFile() {
		return m.visitFiles(p)
	}
	address := p.Join(smallModule)
	trip, err := m.get(ctx, address)
	if err != nil {
		t := m.trouble(address, err)
		return visit{errors.New(t.text), t}
	}
	host := hostOf(address)
	switch {
	case trip.Status == http.StatusNotFound || trip.Status == http.StatusGone:
		return visit{err: fs.ErrNotExist}
	case trip.Status != http.StatusOK:
		t := m.refusal(p.URL, trip.Status)
		return visit{errors.New(t.text), t}
	case !bytes.HasPrefix(trip.Body, []byte(smallAnswer)):
		t := &trouble{
			status: Error, text: host + " answers, but not as a module proxy: perhaps a login page of this network is in front of it",
			cure: "open a web page in a browser and log in", evidence: []string{"signed by " + strings.Join(trip.Issuers, ", ")},
		}
		return visit{errors.New(t.text), t}
	}
	return visit{}
}

// visitFiles looks at a directory. What it does not have the go command looks for in
// the next entry.
func (m *Machine) visitFiles(p goproxy.Proxy) visit {
	u, err := url.Parse(p.URL)
	if err != nil || m.exists(u.Path) {
		return visit{err: fs.ErrNotExist}
	}
	return visit{fs.ErrNotExist, &trouble{
		status: Warning, text: fmt.Sprintf("there is no directory %s, which GOPROXY names", u.Path), cure: "take it out of GOPROXY, or mount it",
	}}
}
