package wsl

import (
	_ "embed"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

//go:embed testdata/samples.tsv
var samplesTSV string

// A sample is one line of a real machine.
type sample struct {
	kind        Kind
	field, text string
	alone       string // what it says without others: a kind, or "thin"
}

func samples(t testing.TB) (list []sample) {
	for line := range strings.Lines(samplesTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.Split(strings.TrimRight(line, "\n"), "\t")
		require.Len(t, col, 5, line)
		list = append(list, sample{kind: Kind(col[0]), field: col[1], alone: col[2], text: col[3]})
	}
	require.Len(t, list, 112)
	return list
}

// fields are the files that a sample may be a line of.
var fields = map[string]string{
	"release": "proc/sys/kernel/osrelease", "version": "proc/version", "cmdline": "proc/cmdline", "mount": "proc/self/mountinfo",
}

// machine is one whose files have these lines.
func machine(parts ...sample) Machine {
	root := fstest.MapFS{}
	for _, s := range parts {
		root[fields[s.field]] = &fstest.MapFile{Data: []byte(s.text + "\n")}
	}
	return Machine{Root: root}
}

func TestSamplesAlone(t *testing.T) {
	for _, s := range samples(t) {
		r := Detect(machine(s))
		require.Equal(t, r.Kind, KindOf(machine(s)), s.text)
		require.NotEmpty(t, r.Because, s.text)
		if s.alone == "thin" {
			require.Equal(t, Native, r.Kind, s.text)
			require.Equal(t, Low, r.Confidence, s.text)
			require.NotEmpty(t, r.Missing, s.text)
			continue
		}
		require.Equal(t, Kind(s.alone), r.Kind, s.text)
		require.Equal(t, s.kind, r.Kind, "the truth about %s", s.text)
		require.NotEqual(t, Low, r.Confidence, s.text)
	}
}

// Mounts are also read from /proc/mounts, and the release from /proc/version.
func TestSamplesInOtherFiles(t *testing.T) {
	for _, s := range samples(t) {
		want := Detect(machine(s))
		root := fstest.MapFS{}
		switch s.field {
		case "mount":
			root["proc/mounts"] = &fstest.MapFile{Data: []byte(s.text)}
		case "release":
			root["proc/version"] = &fstest.MapFile{Data: []byte("Linux version " + s.text + " (root@host) #1 SMP")}
		}
		if len(root) > 0 {
			r := Detect(Machine{Root: root})
			require.Equal(t, want.Kind, r.Kind, s.text)
			require.Equal(t, want.Confidence, r.Confidence, s.text)
			require.Equal(t, want.Kernel, r.Kernel, s.text)
		}
	}
}

// Each name with each command line and each mount of the same kind: what is known
// of a machine makes a report surer, and never wrong.
func TestSamplesTogether(t *testing.T) {
	by := make(map[Kind]map[string][]sample)
	for _, s := range samples(t) {
		if by[s.kind] == nil {
			by[s.kind] = make(map[string][]sample)
		}
		field := s.field
		if field == "version" {
			field = "release"
		}
		by[s.kind][field] = append(by[s.kind][field], s)
	}
	for kind, of := range by {
		for _, name := range of["release"] {
			for _, line := range of["cmdline"] {
				pair := Detect(machine(name, line))
				require.Equal(t, kind, pair.Kind, "%s; %s", name.text, line.text)
				for _, mount := range of["mount"] {
					m := machine(name, line, mount)
					r := Detect(m)
					require.Equal(t, kind, r.Kind, "%s; %s; %s", name.text, line.text, mount.text)
					require.Equal(t, kind, KindOf(m))
					if kind != Native {
						require.Equal(t, Certain, r.Confidence)
					}
				}
			}
			for _, mount := range of["mount"] {
				r := Detect(machine(name, mount))
				require.Contains(t, []Kind{kind, Native}, r.Kind, "%s; %s", name.text, mount.text)
				if name.alone == string(kind) || mount.alone == string(kind) {
					require.Equal(t, kind, r.Kind, "%s; %s", name.text, mount.text)
				}
			}
		}
	}
}

func TestSamplesOfMountsParse(t *testing.T) {
	for _, s := range samples(t) {
		if s.field != "mount" {
			continue
		}
		ms := ParseMounts(s.text + "\n")
		require.Len(t, ms, 1, s.text)
		m := ms[0]
		require.Regexp(t, `^[/~]`, m.Point, s.text)
		require.NotEmpty(t, m.Source, s.text)
		require.Contains(t, []string{
			"lxfs", "wslfs", "drvfs", "9p", "virtiofs", "ext4", "tmpfs", "rootfs", "overlay", "cgroup", "cgroup2", "devpts", "fuse.portal", "nsfs",
		}, m.Type, s.text)
		// By eye: whatever says drvfs is a drive, and nothing else.
		require.Equal(t, strings.Contains(s.text, "drvfs"), m.Windows, s.text)
	}
}
