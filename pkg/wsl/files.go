package wsl

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// limit is more than the files of a real machine have. /proc of a machine with
// 10,000 mounts stays below it.
const limit = 4 << 20

// files are the machine's, each read once and only if somebody asks.
type files struct {
	Machine
	texts  map[string]string
	parsed Mounts
	table  string // where the mounts are from
}

func newFiles(m Machine) *files {
	if m.Env == nil {
		m.Env = func(string) string { return "" }
	}
	return &files{Machine: m, texts: make(map[string]string, 8)}
}

// read is the text of a file without the end of its last line, or "".
func (f *files) read(name string) string {
	text, ok := f.texts[name]
	if !ok {
		text = strings.TrimRight(f.load(name), "\n\x00 ")
		f.texts[name] = text
	}
	return text
}

func (f *files) load(name string) string {
	name, info := f.resolve(name)
	// To open a FIFO is to wait for somebody who writes.
	if info == nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := f.Root.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	data, _ := io.ReadAll(io.LimitReader(file, limit)) // what came before an error counts
	return string(data)
}

// exists tells whether there is a file or a directory, wherever a link leads.
func (f *files) exists(name string) bool {
	_, info := f.resolve(name)
	return info != nil
}

// resolve follows what the file system does not: [os.Root] refuses an absolute
// link, which in a tree that stands for / means the tree. The info is nil where
// there is nothing.
func (f *files) resolve(name string) (string, fs.FileInfo) {
	if f.Root == nil {
		return name, nil
	}
	for range 8 {
		info, err := fs.Stat(f.Root, name)
		if err == nil {
			return name, info
		}
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil // the usual case, and no more system calls
		}
		target, err := fs.ReadLink(f.Root, name)
		if err != nil {
			return name, nil
		}
		if !path.IsAbs(target) {
			target = path.Join("/", path.Dir(name), target)
		}
		name = strings.TrimPrefix(path.Clean(target), "/")
	}
	return name, nil
}

// mounts are those of mountinfo, which says more, or else those of /proc/mounts.
func (f *files) mounts() Mounts {
	for _, name := range []string{"proc/self/mountinfo", "proc/mounts"} {
		if f.table != "" {
			break
		}
		if ms := ParseMounts(f.read(name)); len(ms) > 0 {
			f.parsed, f.table = ms, "/"+name
		}
	}
	return f.parsed
}

// release is the kernel's. /proc/version has it too: the first word that looks
// like a version, which a host name in front of it does not.
func (f *files) release() string {
	if r := f.read("proc/sys/kernel/osrelease"); r != "" {
		return r
	}
	for word := range strings.FieldsSeq(f.read("proc/version")) {
		major, rest, _ := strings.Cut(word, ".")
		if isNumber(major) && rest != "" && isNumber(rest[:1]) {
			return word
		}
	}
	return ""
}

// releaseSource is the file that release is from.
func (f *files) releaseSource() string {
	if f.read("proc/sys/kernel/osrelease") != "" {
		return "/proc/sys/kernel/osrelease"
	}
	return "/proc/version"
}

// distribution reads os-release(5), which says to look in the two places.
func distribution(f *files) (d Distribution) {
	text := f.read("etc/os-release")
	if text == "" {
		text = f.read("usr/lib/os-release")
	}
	fields := map[string]*string{"ID": &d.ID, "NAME": &d.Name, "VERSION_ID": &d.VersionID, "PRETTY_NAME": &d.PrettyName}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if field := fields[name]; field != nil {
			*field = unquote(value)
		}
	}
	return d
}

// unquote takes the quotes of a shell off one word without expansions.
func unquote(s string) string {
	for _, quote := range []string{`"`, `'`} {
		if inner, ok := strings.CutPrefix(s, quote); ok {
			s = strings.TrimSuffix(inner, quote)
			if quote == "'" {
				return s
			}
			break
		}
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
