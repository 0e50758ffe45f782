// Package wsl tells WSL1, WSL2 and other Linux apart, and says why. It goes by
// what survives sudo, ssh, services and containers: the kernel's name, its
// command line and the mounts. The environment never decides.
//
//	report := wsl.Detect(wsl.Machine{Root: os.DirFS("/")})
//	fmt.Println(report.Kind, report.Because)
//
// [KindOf] is for those who want only the kind: it stops reading where the kind
// is known.
//
// # The order of decisions
//
// Each step goes from what cannot be otherwise to what a custom kernel may
// change. [Report.Step] is the one that decided.
//
//  2. A file system that only the NT kernel has: lxfs, wslfs or the type drvfs
//     mean WSL1. WSL2 says drvfs in sources and options, never as a type.
//  3. The command line that WSL1 makes up.
//  4. The command line that WSL2 boots its VM with. Custom kernels keep it.
//  5. A name that only one kind has, such as 4.4.0-19041-Microsoft.
//  6. A name that others have too, such as 5.10.102.2-microsoft-standard, which
//     Azure uses: it counts with a second witness. So does a Windows drive as
//     WSL2 mounts it, whatever the kernel is called.
//  7. The container inside.
//  8. What is left is native: a VM that is known, a machine, or [Low] confidence.
//  9. The environment may only confirm.
//
// What is missing is not evidence. The package reads; it runs nothing, and makes
// no system call but those of the file system that it is handed.
package wsl

import "io/fs"

// A Kind is a way to run Linux that Go installs must not be shared across.
type Kind string

// WSL "3" is a version of the package only; its distributions are still of
// kind 1 or 2 (wsl --set-default-version 3 fails).
const (
	WSL1   Kind = "wsl1"   // system calls translated by the NT kernel
	WSL2   Kind = "wsl2"   // a Linux kernel in a utility VM
	Native Kind = "native" // any other Linux
)

// A Machine is what can be known of one.
type Machine struct {
	Root     fs.FS               // laid out like /; absolute links in it mean the same tree
	RootType int64               // the type that statfs(2) gives for /; 0 is not known
	Env      func(string) string // the environment; nil is none
}

// Detect tells everything that the machine's files say.
func Detect(m Machine) *Report {
	f := newFiles(m)
	clues := observe(f)
	r := judge(f, clues)
	r.Kernel, r.Distribution, r.Mounts = f.release(), distribution(f), f.mounts()
	if r.Mounts == nil {
		r.Mounts = Mounts{} // a list in JSON too
	}
	if r.Kind == Native {
		r.native(f, clues)
	} else {
		r.Host = wslHost(f)
	}
	for _, c := range clues {
		r.Evidence = append(r.Evidence, c.Evidence)
	}
	container, why := findContainer(f, r.Kind)
	r.Container, r.Evidence = container, append(r.Evidence, why...)
	return r
}

// KindOf is the kind that [Detect] reports, for the cost of reading four small
// files or fewer: it stops at the first proof, and looks for witnesses only if
// there is a name that needs one.
func KindOf(m Machine) Kind {
	f := newFiles(m)
	return judge(f, observeKind(f)).Kind
}
