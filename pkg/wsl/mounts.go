package wsl

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Mount is one line of /proc/self/mountinfo or /proc/mounts; see proc(5).
type Mount struct {
	Point   string `json:"point"`   // unescaped
	Type    string `json:"type"`    // of the file system
	Source  string `json:"source"`  // unescaped
	Root    string `json:"root"`    // of the mount in its file system; "" if only /proc/mounts is known
	Options string `json:"options"` // as written, those of the file system at the end
	Windows bool   `json:"windows"` // whether the files are those of Windows
}

// String is how mount(8) begins a line.
func (m Mount) String() string {
	return fmt.Sprintf("%s on %s type %s", m.Source, m.Point, m.Type)
}

// Mounts are the mounts of a process, in the order they were made.
type Mounts []Mount

// At is the mount that name, an absolute path without links, is on: the longest
// mount point above it and, where several are the same, the last, which hides the
// others.
func (ms Mounts) At(name string) (at Mount, ok bool) {
	name = path.Clean(name)
	for _, m := range ms {
		if within(name, m.Point) && (!ok || len(m.Point) >= len(at.Point)) {
			at, ok = m, true
		}
	}
	return at, ok
}

func within(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(dir, "/"))
	return ok && dir != "" && (rest == "" || rest[0] == '/')
}

// ParseMounts reads mountinfo or /proc/mounts and, because that is what bug
// reports have, what mount(8) and "df -T" print. It leaves out lines that it cannot
// read.
//
// Lines of Docker Desktop have blanks that nobody escaped in their last field
// (microsoft/WSL#10056), which many parsers stumble over. Here the last field is
// what is left of the line.
func ParseMounts(text string) Mounts {
	ms := make(Mounts, 0, strings.Count(text, "\n")+1)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		for _, parse := range []func(string) (Mount, bool){parseInfo, parsePrinted, parseTable, parseDiskFree} {
			if m, ok := parse(line); ok {
				m.Windows = m.isWindows()
				ms = append(ms, m)
				break
			}
		}
	}
	return ms
}

// isWindows goes by the file system, never by the mount point, which wsl.conf
// and mount(8) choose. A 9p file system of WSL2 names the share that Windows
// serves its drives under, a virtiofs has a tag such as drvfsC0.
func (m Mount) isWindows() bool {
	switch m.Type {
	case "drvfs":
		return true
	case "virtiofs":
		return strings.HasPrefix(m.Source, "drvfs")
	case "9p":
		return m.hasOption("aname=drvfs")
	}
	return false
}

// Has reports whether an option is set, such as "noexec" or "ro".
func (m Mount) Has(option string) bool {
	return slices.Contains(strings.Split(m.Options, ","), option)
}

// hasOption looks for an option that begins so.
func (m Mount) hasOption(prefix string) bool {
	for option := range strings.SplitSeq(m.Options, ",") {
		if strings.HasPrefix(option, prefix) {
			return true
		}
	}
	return false
}

// parseInfo reads a line of mountinfo. Its first half has optional fields at the
// end and its root need not be a path (nsfs has mnt:[4026532233]), so it is cut at
// the first lone dash, which escaping keeps out of what comes before.
func parseInfo(line string) (m Mount, ok bool) {
	before, after, found := strings.Cut(line, " - ")
	fields := strings.Fields(before)
	if !found || len(fields) < 6 || !isNumber(fields[0]) || !isNumber(fields[1]) {
		return m, false
	}
	m.Root, m.Point = unescape(fields[3]), unescape(fields[4])
	m.Type, after, _ = strings.Cut(after, " ")
	source, super, _ := strings.Cut(after, " ")
	m.Source, m.Options = unescape(source), strings.Trim(fields[5]+","+super, ",")
	return m, m.Type != ""
}

// parseTable reads a line of /proc/mounts: three fields, options that may have
// blanks, and two numbers. The source may be empty, so that the line begins with
// a blank.
func parseTable(line string) (m Mount, ok bool) {
	fields := strings.SplitN(line, " ", 4)
	if len(fields) < 4 || !strings.HasPrefix(fields[1], "/") {
		return m, false
	}
	m.Source, m.Point, m.Type = unescape(fields[0]), unescape(fields[1]), fields[2]
	m.Options = fields[3]
	for range 2 {
		if i := strings.LastIndexByte(m.Options, ' '); i >= 0 && isNumber(m.Options[i+1:]) {
			m.Options = m.Options[:i]
		}
	}
	return m, m.Type != ""
}

// parsePrinted reads what mount(8) prints: source on point type x (options).
func parsePrinted(line string) (m Mount, ok bool) {
	var found, typed bool
	m.Source, line, found = strings.Cut(line, " on ")
	m.Point, line, typed = strings.Cut(line, " type ")
	m.Type, m.Options, ok = strings.Cut(line, " (")
	m.Options = strings.TrimSuffix(m.Options, ")")
	return m, ok && found && typed && m.Type != "" && !strings.Contains(m.Type, " ")
}

// parseDiskFree reads what "df -T" prints: source, type, three sizes, a share and
// the point.
func parseDiskFree(line string) (m Mount, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 7 || !isNumber(fields[2]) || !strings.HasSuffix(fields[5], "%") {
		return m, false
	}
	return Mount{Source: fields[0], Type: fields[1], Point: fields[6]}, true
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// unescape decodes \040 and its like. A backslash without three octal digits is
// one of Windows: WSL1 writes its sources as they are.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
