package download

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidatorOf(t *testing.T) {
	const date, earlier = "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:04 GMT"
	for _, tt := range []struct{ etag, modified, want string }{
		{`"a"`, earlier, `"a"`},
		{`W/"a"`, earlier, earlier},
		{`W/"a"`, date, ""},
		{`w/"a"`, "", ""},
		{`a`, "", ""},
		{`"`, "", ""},
		{`""`, "", `""`},
		{`"a"b"`, "", ""},
		{"\"a\nb\"", "", ""},
		{"", "yesterday", ""},
		{"", "", ""},
	} {
		header := http.Header{"Date": {date}, "Etag": {tt.etag}, "Last-Modified": {tt.modified}}
		require.Equal(t, tt.want, validatorOf(header), "%q %q", tt.etag, tt.modified)
	}
}

func TestParseContentRange(t *testing.T) {
	for text, want := range map[string]contentRange{
		"bytes 0-9/10": {0, 10},
		"bytes 5-9/*":  {5, -1},
		"bytes */10":   {-1, 10},
	} {
		got, ok := parseContentRange(text)
		require.True(t, ok, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "bytes", "bytes ", "bytes */*", "bytes 9-0/10", "bytes 0-10/10", "bytes 0-/10", "bytes -5/10",
		"bytes 0-9", "bytes a-b/c", "bytes +1-9/10", "bytes 0-9/99999999999999999999", "0-9/10",
	} {
		_, ok := parseContentRange(text)
		require.False(t, ok, text)
	}
}

func FuzzParseContentRange(f *testing.F) {
	f.Add("bytes 0-9/10")
	f.Add("bytes */10")
	f.Add("bytes 5-9/*")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := parseContentRange(text)
		if !ok {
			return
		}
		require.True(t, r.start >= -1 && r.total >= -1)
		require.True(t, r.start >= 0 || r.total >= 0)
		require.True(t, r.total < 0 || r.start < r.total || r.start < 0)
	})
}

// What is parsed can be sent as a header and is written back the same.
func FuzzParseSeal(f *testing.F) {
	f.Add([]byte("https://go.dev/x\n\"etag\"\n100\n"))
	f.Add([]byte("https://go.dev/x\nFri, 02 Jan 2026 03:04:05 GMT\n-1\n"))
	f.Add([]byte("https://go.dev/x\n\x01\n100\n"))
	f.Add([]byte("https://go.dev/x\n\"\x01\"\n100\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, ok := parseSeal(data)
		if !ok {
			return
		}
		again, ok := parseSeal(s.format())
		require.True(t, ok)
		require.Equal(t, s, again)
		for _, b := range []byte(s.validator) {
			require.True(t, b >= ' ' && b != 0x7f, "%q", s.validator)
		}
	})
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://user:secret@go.dev/dl/")
	f.Add("http://user:sec/ret@host:port/")
	f.Fuzz(func(t *testing.T, raw string) {
		u, safe, err := parseURL(raw)
		require.Equal(t, u == nil, err != nil)
		if u == nil || u.User == nil {
			return
		}
		require.Contains(t, safe, "://***@")
		if password, _ := u.User.Password(); len(password) > 3 && !strings.Contains(u.Host+u.RequestURI()+u.Fragment, password) {
			require.NotContains(t, safe, password)
		}
	})
}
