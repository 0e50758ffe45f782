package sandbox

import (
	"context"
	"errors"
	"testing"
	"time"

	systemd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// A script is a connection that answers what it was told to, one call after another.
type script struct {
	calls   []string
	errs    []error // of starts, in turn
	result  string  // of jobs; "" never comes
	stop    error
	group   any
	unknown error
}

func (s *script) StartTransientUnitContext(_ context.Context, name, mode string, properties []systemd.Property, ch chan<- string) (int, error) {
	s.calls = append(s.calls, "start "+name+" "+mode)
	var err error
	if len(s.errs) > 0 {
		err, s.errs = s.errs[0], s.errs[1:]
	}
	if err == nil && s.result != "" {
		ch <- s.result
	}
	return 1, err
}

func (s *script) StopUnitContext(_ context.Context, name, _ string, ch chan<- string) (int, error) {
	s.calls = append(s.calls, "stop "+name)
	if s.stop == nil && s.result != "" {
		ch <- s.result
	}
	return 1, s.stop
}

func (s *script) ResetFailedUnitContext(_ context.Context, name string) error {
	s.calls = append(s.calls, "reset "+name)
	return nil
}

func (s *script) GetUnitTypePropertyContext(context.Context, string, string, string) (*systemd.Property, error) {
	return &systemd.Property{Name: "ControlGroup", Value: dbus.MakeVariant(s.group)}, s.unknown
}

func (s *script) Close() {}

func failed(name string) error {
	return dbus.Error{Name: "org.freedesktop." + name, Body: []any{"because of " + name}}
}

func TestManagerStarts(t *testing.T) {
	exists := failed("systemd1.UnitExists")
	for name, c := range map[string]struct {
		script script
		want   string
		calls  int
	}{
		"done":          {script{result: "done"}, "", 1},
		"exists once":   {script{result: "done", errs: []error{exists}}, "", 3},
		"exists":        {script{result: "done", errs: []error{exists, exists}}, "because of systemd1.UnitExists", 3},
		"denied":        {script{errs: []error{failed("DBus.Error.AccessDenied")}}, "because of DBus.Error.AccessDenied", 1},
		"job fails":     {script{result: "failed"}, "the job of systemd: failed", 1},
		"job times out": {script{result: "timeout"}, "the job of systemd: timeout", 1},
		"no answer":     {script{}, "systemd has not answered for 20ms", 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := &manager{&c.script, 20 * time.Millisecond}
			err := m.Start(context.Background(), "x.scope", 1)
			require.Len(t, c.script.calls, c.calls)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "start the scope x.scope: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestManagerFindsAndStops(t *testing.T) {
	ctx := context.Background()
	m := &manager{&script{group: "/user.slice/x.scope", result: "done"}, time.Second}
	group, err := m.Group(ctx, "x.scope")
	require.NoError(t, err)
	require.Equal(t, "/user.slice/x.scope", group)
	require.NoError(t, m.Stop(ctx, "x.scope"))

	gone := failed("systemd1.NoSuchUnit")
	m = &manager{&script{group: "", unknown: gone, stop: gone}, time.Second}
	group, err = m.Group(ctx, "x.scope")
	require.NoError(t, err)
	require.Empty(t, group)
	require.NoError(t, m.Stop(ctx, "x.scope"))

	broken := errors.New("the connection is closed")
	m = &manager{&script{group: 7, stop: broken}, time.Second}
	_, err = m.Group(ctx, "x.scope")
	require.ErrorContains(t, err, "its group is")
	require.ErrorIs(t, m.Stop(ctx, "x.scope"), broken)
}
