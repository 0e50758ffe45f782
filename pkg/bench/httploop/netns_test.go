package httploop

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// up sets a network interface up.
func up(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

func number(run *bench.Run, name string) float64 {
	for _, v := range run.Values {
		if v.Name == name {
			return v.Number
		}
	}
	return -1
}

// Nobody else counts in a namespace of its own: the numbers are exact. The SYN is
// sent again after a second, and is counted only where it found the queue full.
func TestOverflowIsProvoked(t *testing.T) {
	run := inNamespace(t, "kernel")
	require.Equal(t, "provoked", run.Get(Overflow))
	require.EqualValues(t, 1, number(run, "ListenOverflows/by=purpose"))
	require.EqualValues(t, 1, number(run, "ListenDrops/by=purpose"))
	require.InDelta(t, 1.05e9, number(run, "ConnectToFullQueue"), 0.3e9)
}

// The tries must see what the settings change, in kernels that have them.
func TestTriesFollowSettings(t *testing.T) {
	low := inNamespace(t, "kernel", "core/somaxconn=16", "ipv4/tcp_tw_reuse=0", "ipv4/tcp_fastopen=1")
	high := inNamespace(t, "kernel", "core/somaxconn=4096", "ipv4/tcp_tw_reuse=2", "ipv4/tcp_fastopen=3")
	require.Equal(t, "who asks for a queue of 65536 gets 16", low.Get("somaxconn-tried"))
	require.Equal(t, "who asks for a queue of 65536 gets 4096", high.Get("somaxconn-tried"))
	require.Equal(t, afterwards, low.Get("tcp_fastopen-tried"))
	require.Equal(t, inSYN, high.Get("tcp_fastopen-tried"))
	require.Equal(t, spreads, low.Get("so_reuseport-tried"))
	if major, minor := kernel(t); major < 6 || major == 6 && minor < 3 {
		require.Contains(t, low.Get("tcp_tw_reuse-tried"), "not tried")
	} else {
		require.Equal(t, portTaken, low.Get("tcp_tw_reuse-tried"))
		require.Equal(t, portAgain, high.Get("tcp_tw_reuse-tried"))
	}
	advice := func(run *bench.Run) map[string]string {
		m := make(map[string]string)
		for _, s := range Settings(run) {
			m[s.Name] = s.Value + ": " + s.Advice
		}
		return m
	}
	require.Contains(t, advice(low)["net.core.somaxconn"], "16: sysctl -w net.core.somaxconn=4096")
	require.Contains(t, advice(high)["net.core.somaxconn"], "4096: leave it")
	require.Contains(t, advice(low)["net.ipv4.tcp_tw_reuse"], "0: keep connections alive; or sysctl -w net.ipv4.tcp_tw_reuse=2")
	require.Contains(t, advice(high)["net.ipv4.tcp_tw_reuse"], "2: leave it")
}

func kernel(t *testing.T) (major, minor int) {
	t.Helper()
	var name unix.Utsname
	require.NoError(t, unix.Uname(&name))
	_, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	require.NoError(t, err)
	return major, minor
}

func TestWithoutIPv6(t *testing.T) {
	run := inNamespace(t, "all", "ipv6/conf/all/disable_ipv6=1")
	require.Regexp(t, `^there is no ::1 here: listen tcp6 \[::1\]:0: `, run.Get("httploop-without-ipv6"))
	require.False(t, run.Partial)
	require.NotEmpty(t, run.Series)
	for _, s := range run.Series {
		require.NotContains(t, s.Name, "ipv6")
	}
}
