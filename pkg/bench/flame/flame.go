// Package flame draws a profile in pprof's format as a flame graph: one HTML page
// that needs no server, no network and no browser to be made.
//
//	p, err := flame.Parse(data) // cpu.pprof, or what "go tool trace -pprof=syscall" writes
//	page, err := flame.Page(p)
//	err = os.WriteFile("cpu.html", page, 0o644)
//
// The page is that of pprof's own web interface, by its driver, without what only a
// server could answer. The same profile gives the same bytes on each machine: what
// pprof takes from the machine (its time zone, saved settings, binaries to symbolize
// with) is left out.
package flame

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/google/pprof/profile"
)

// Most is how many bytes a profile may have when it is unpacked. Those of go test
// have some 100 KB.
const Most = 16 << 20

// ErrTooLarge is a profile of more than [Most] bytes.
var ErrTooLarge = errors.New("the profile is larger than 16 MB")

// Parse reads a profile, compressed or not. What is no profile is an error, and so is
// one that unpacks to more than [Most].
func Parse(data []byte) (*profile.Profile, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		unpacked, err := gunzip(data)
		if err != nil {
			return nil, fmt.Errorf("unpack a profile: %w", err)
		}
		data = unpacked
	}
	if len(data) > Most {
		return nil, ErrTooLarge
	}
	p, err := profile.ParseUncompressed(data)
	if err != nil {
		return nil, fmt.Errorf("read a profile: %w", err)
	}
	return p, p.CheckValid()
}

func gunzip(data []byte) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(in, Most+1))
	if err == nil && len(out) > Most {
		err = ErrTooLarge
	}
	return out, err
}

// Page draws the sample type that the profile calls its default, else its last one.
// The profile stays as it is. It is an error where the environment has neither HOME
// nor XDG_CONFIG_HOME: pprof wants to know where its settings would be.
func Page(p *profile.Profile) ([]byte, error) {
	p = p.Copy()
	p.TimeNanos = 0 // it is shown in the time zone of this process
	p.DocURL = ""   // a link to somewhere else
	html, err := render(p)
	if err != nil {
		return nil, fmt.Errorf("draw a flame graph: %w", err)
	}
	return standalone(html)
}

var (
	configMenu = regexp.MustCompile(`(?s)<div id="config" class="menu-item">.*?(<div id="download")`)
	configList = regexp.MustCompile(`(?s)<datalist id="config-list">.*?</datalist>`)
	headEnd    = regexp.MustCompile(`</head>`)
)

// dead is what a page without its server must not offer: other views, other sample
// types, focus and hide, which are links to pprof.
const dead = `<style>
#view, #sample, #refine, #config, #download, #action-menu { display: none !important; }
.header h1 a { pointer-events: none; }
</style>
</head>`

// standalone takes out of the page what only a server could answer, and the names of
// the settings that this user has saved for pprof.
func standalone(html []byte) ([]byte, error) {
	for _, cut := range []struct {
		what *regexp.Regexp
		by   string
	}{
		{configMenu, `<div id="config" class="menu-item"><a id="save-config"></a></div>$1`},
		{configList, `<datalist id="config-list"></datalist>`},
		{headEnd, dead},
	} {
		if len(cut.what.FindAllIndex(html, -1)) != 1 {
			return nil, fmt.Errorf("draw a flame graph: pprof's page is another than expected: no %s", cut.what)
		}
		html = cut.what.ReplaceAll(html, []byte(cut.by))
	}
	return html, nil
}
