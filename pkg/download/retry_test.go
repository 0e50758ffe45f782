package download

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Retry-After is a wish: never shorter than the backoff, never over a minute.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		header   string
		min, max time.Duration
	}{
		{"", 250 * time.Millisecond, time.Second},
		{"0", 250 * time.Millisecond, time.Second},
		{"7", 7 * time.Second, 7 * time.Second},
		{"3600", time.Minute, time.Minute},
		{"999999999999", 250 * time.Millisecond, time.Second},
		{"-1", 250 * time.Millisecond, time.Second},
		{date(20 * time.Second), 20 * time.Second, 20 * time.Second},
		{date(24 * time.Hour), time.Minute, time.Minute},
		{date(-time.Hour), 250 * time.Millisecond, time.Second},
		{"soon", 250 * time.Millisecond, time.Second},
	}
	for _, code := range []int{429, 503} {
		for _, tt := range tests {
			t.Run(tt.header, func(t *testing.T) {
				s := newServer(t, []byte("hello"))
				s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
					if n > 1 {
						return false
					}
					w.Header().Set("Date", date(0)) // the server's clock is the one that counts
					w.Header().Set("Retry-After", tt.header)
					w.WriteHeader(code)
					return true
				}
				c, n := newClient(t)
				_, err := c.Get(context.Background(), s.URL, nil, 10)
				require.NoError(t, err)
				require.Len(t, n.each, 1)
				require.GreaterOrEqual(t, n.each[0], tt.min)
				require.LessOrEqual(t, n.each[0], tt.max)
			})
		}
	}
}

func TestRetryAfterCountsAsTry(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
		return true
	}
	c, n := newClient(t)
	_, err := c.Get(context.Background(), s.URL, nil, 10)
	require.EqualError(t, err, "get "+s.URL+": 429 Too Many Requests (5 tries)")
	require.Equal(t, []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}, n.each)
}

func TestPausesGrow(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(500)
		return true
	}
	c, n := newClient(t)
	c.Retries = 9
	var lines []string
	c.Log = func(line string) { lines = append(lines, line) }
	_, err := c.Get(context.Background(), s.URL, nil, 10)
	require.Error(t, err)
	require.Len(t, n.each, 8)
	require.Len(t, lines, 8)
	require.Regexp(t, `^get http://\S+: 500 Internal Server Error; next try in [0-9.m]+s$`, lines[0])
	for i, pause := range n.each {
		center := min(500*time.Millisecond<<i, 10*time.Second)
		require.InDelta(t, center, pause, float64(center)/2+1)
	}
}
