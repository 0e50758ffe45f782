package snapshot

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A Kernel answers what no file says.
type Kernel interface {
	bench.Kernel
	// Name is what uname -a prints: system, host, release, version, machine.
	Name() (string, error)
	// Clocks is what adjtimex(2) tells, without setting anything.
	Clocks() (Discipline, error)
	// Affinity are the CPUs that the calling thread may run on.
	Affinity() ([]int, error)
	// Scheduling is the policy of the calling thread, "other" or "batch", and its nice
	// value.
	Scheduling() (policy string, nice int, err error)
	// FileSystem is what statfs(2) says of a path.
	FileSystem(path string) (FileSystem, error)
	// Queues are the queueing disciplines of the network devices: "lo:noqueue".
	Queues() ([]string, error)
}

// A Discipline is how the kernel's clock is kept right.
type Discipline struct {
	Synchronised bool
	PPM          float64       // by which the rate is corrected
	Tick         int64         // microseconds a tick adds; 10000 where nobody corrects by it
	Estimated    time.Duration // error, as whoever corrects it says
	Maximum      time.Duration // error
}

// A FileSystem is where files are.
type FileSystem struct {
	Type  int64  // statfs(2) has the numbers
	Free  uint64 // bytes that a user may still write
	Size  uint64 // bytes
	Files uint64 // that may still be made
}

// ThisKernel is the Kernel that this program runs on.
func ThisKernel() Kernel { return thisKernel{bench.ThisKernel()} }

type thisKernel struct{ bench.Kernel }

func (thisKernel) Name() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", err
	}
	var words []string
	for _, field := range [][65]byte{u.Sysname, u.Nodename, u.Release, u.Version, u.Machine} {
		words = append(words, unix.ByteSliceToString(field[:]))
	}
	return strings.Join(words, " "), nil
}

func (thisKernel) Clocks() (Discipline, error) {
	var tx unix.Timex // modes 0: only ask
	state, err := unix.Adjtimex(&tx)
	if err != nil {
		return Discipline{}, err
	}
	const unsynchronised = 0x40 // STA_UNSYNC; state is TIME_ERROR then
	return Discipline{
		Synchronised: tx.Status&unsynchronised == 0 && state != unix.TIME_ERROR,
		PPM:          float64(tx.Freq) / 65536,
		Tick:         int64(tx.Tick),
		Estimated:    time.Duration(tx.Esterror) * time.Microsecond,
		Maximum:      time.Duration(tx.Maxerror) * time.Microsecond,
	}, nil
}

func (thisKernel) Affinity() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	var cpus []int
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

func (thisKernel) Scheduling() (policy string, nice int, err error) {
	attr, err := unix.SchedGetAttr(0, 0)
	if err == nil {
		names := map[uint32]string{0: "other", 1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline", 7: "ext"}
		if policy = names[attr.Policy]; policy == "" {
			policy = fmt.Sprint(attr.Policy)
		}
		return policy, int(attr.Nice), nil
	}
	// WSL1 may not have sched_getattr(2). The system call has 20 less the nice value.
	twenty, errNice := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return "", 20 - twenty, errors.Join(errNice)
}

func (thisKernel) FileSystem(path string) (FileSystem, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return FileSystem{}, err
	}
	size := uint64(st.Bsize)
	return FileSystem{Type: int64(st.Type), Free: st.Bavail * size, Size: st.Blocks * size, Files: st.Ffree}, nil
}
