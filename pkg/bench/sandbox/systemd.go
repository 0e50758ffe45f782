package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	systemd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/godbus/dbus/v5"
)

// Systemd is what the ladder asks of a manager of systemd.
type Systemd interface {
	// Start has a scope hold a process, and hand on all controllers there are.
	Start(ctx context.Context, name string, pid int) error
	// Group is the control group of a scope, as /proc/PID/cgroup has it; "" where there
	// is no such scope.
	Group(ctx context.Context, name string) (string, error)
	Stop(ctx context.Context, name string) error // no error where there is no such scope
	Close()
}

// answerWithin is how long a manager may take. It took 90 ms under emulation.
const answerWithin = 10 * time.Second

// bus is what a manager needs of the connection; tests have others.
type bus interface {
	StartTransientUnitContext(ctx context.Context, name, mode string, properties []systemd.Property, ch chan<- string) (int, error)
	StopUnitContext(ctx context.Context, name, mode string, ch chan<- string) (int, error)
	ResetFailedUnitContext(ctx context.Context, name string) error
	GetUnitTypePropertyContext(ctx context.Context, unit, unitType, property string) (*systemd.Property, error)
	Close()
}

// manager is a Systemd over D-Bus.
type manager struct {
	bus
	patience time.Duration
}

// connect reaches the manager of the system, or that of a user. The environment of a
// shell may name no bus where there is one; where it is does not depend on it. What has
// "systemd" in its name is a socket of the manager's own, which needs no bus at all.
func connect(ctx context.Context, uid int, user bool) (Systemd, error) {
	sockets := []string{"/run/dbus/system_bus_socket", "/run/systemd/private"}
	if user {
		run := "/run/user/" + strconv.Itoa(uid)
		sockets = []string{run + "/bus", run + "/systemd/private"}
	}
	var errs []error
	for i, socket := range sockets {
		conn, err := systemd.NewConnection(func() (*dbus.Conn, error) { return dial(ctx, socket, uid, i == 0) })
		if err == nil {
			return &manager{conn, answerWithin}, nil
		}
		errs = append(errs, fmt.Errorf("connect to %s: %w", socket, err))
	}
	return nil, errors.Join(errs...)
}

// dial gives up after a while; a connection that is made stays longer than ctx.
func dial(ctx context.Context, socket string, uid int, hello bool) (conn *dbus.Conn, err error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	late := time.AfterFunc(answerWithin, end)
	defer late.Stop()
	if conn, err = dbus.Dial("unix:path="+socket, dbus.WithContext(life)); err != nil {
		end()
		return nil, err
	}
	err = conn.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(uid))})
	if err == nil && hello {
		err = conn.Hello()
	}
	if err != nil {
		end()
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Start has the scope without limits of its own: those are the cells', so that what
// measures is not within them. The default of TasksMax would be one.
func (m *manager) Start(ctx context.Context, name string, pid int) error {
	properties := []systemd.Property{
		systemd.PropDescription("what golang-wsl bench measures"),
		systemd.PropPids(uint32(pid)),
		property("Delegate", true),
		property("CollectMode", "inactive-or-failed"),
		property("DefaultDependencies", false),
		property("CPUAccounting", true), property("MemoryAccounting", true), property("TasksAccounting", true),
		property("TasksMax", uint64(math.MaxUint64)),
		property("TimeoutStopUSec", uint64(time.Second/time.Microsecond)), // then it is SIGKILL
	}
	start := func(ctx context.Context, done chan<- string) error {
		_, err := m.StartTransientUnitContext(ctx, name, "fail", properties, done)
		return err
	}
	err := m.job(ctx, start)
	if named(err, "org.freedesktop.systemd1.UnitExists") {
		// One that has failed keeps its name until it is reset.
		_ = m.ResetFailedUnitContext(ctx, name)
		err = m.job(ctx, start)
	}
	if err != nil {
		return fmt.Errorf("start the scope %s: %w", name, err)
	}
	return nil
}

// job waits until what the manager was asked for is done.
func (m *manager) job(ctx context.Context, ask func(context.Context, chan<- string) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, m.patience, fmt.Errorf("systemd has not answered for %s", m.patience))
	defer cancel()
	done := make(chan string, 1)
	if err := ask(ctx, done); err != nil {
		return firstError(late(ctx), err)
	}
	select {
	case result := <-done:
		if result != "done" {
			return fmt.Errorf("the job of systemd: %s", result)
		}
		return nil
	case <-ctx.Done():
		return late(ctx)
	}
}

func late(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// Group asks for a property, and systemd answers for units that it does not know as well.
func (m *manager) Group(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	p, err := m.GetUnitTypePropertyContext(ctx, name, "Scope", "ControlGroup")
	if named(err, "org.freedesktop.systemd1.NoSuchUnit") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the scope %s: %w", name, err)
	}
	group, ok := p.Value.Value().(string)
	if !ok {
		return "", fmt.Errorf("find the scope %s: its group is %s", name, p.Value)
	}
	return group, nil
}

func (m *manager) Stop(ctx context.Context, name string) error {
	err := m.job(ctx, func(ctx context.Context, done chan<- string) error {
		_, err := m.StopUnitContext(ctx, name, "replace", done)
		return err
	})
	if err == nil || named(err, "org.freedesktop.systemd1.NoSuchUnit") {
		return nil
	}
	return fmt.Errorf("stop the scope %s: %w", name, err)
}

func property(name string, value any) systemd.Property {
	return systemd.Property{Name: name, Value: dbus.MakeVariant(value)}
}

func named(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}
