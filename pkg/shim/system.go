package shim

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

// system finds the next command of this name on PATH. asdf leaves out its own
// shims by the name of their directory. Ours come first on PATH, and they and
// asdf's may be called by other names or belong to another data directory, where
// they would only send us back here: none of them counts.
func (s *search) system(c *choice) (*Resolution, error) {
	list, _ := s.Env("PATH")
	for _, dir := range filepath.SplitList(list) {
		file := filepath.Join(dir, s.Command)
		if !strings.HasPrefix(file, "/") {
			file = filepath.Join(s.Dir, file)
		}
		info, err := os.Stat(file)
		if err != nil || info.IsDir() || !mayExecute(file) || s.isShim(dir, file) {
			continue
		}
		if !strings.HasPrefix(dir, "/") {
			break // as os/exec, which will not be led into the current directory
		}
		return &Resolution{Word: TypeSystem, Type: TypeSystem, Source: c.source, Path: file}, nil
	}
	return nil, &NotExecutableError{s.Command, TypeSystem, c.source}
}

// unused is what runs in a data directory that has nothing installed: the next
// command on PATH, as if there were no shim, which is what asdf makes with the
// first install. Ours is there before, because shells remember where they found a
// command. Where a file asks for a version (source), only another manager's shim
// may take over, which reads the same file: mise's are in a directory of that name.
func (s *search) unused(source string) *Resolution {
	if installs, _ := os.ReadDir(filepath.Join(s.DataDir, "installs", s.Plugin)); len(installs) > 0 {
		return nil
	}
	found, err := s.system(&choice{source: source})
	if err != nil || source != "" && filepath.Base(filepath.Dir(found.Path)) != "shims" {
		return nil
	}
	return found
}

// isShim recognises what would choose a version anew.
func (s *search) isShim(dir, file string) bool {
	if s.isExe(file) || sameDir(dir, binDir(s.DataDir)) || sameDir(dir, shimsDir(s.DataDir)) {
		return true
	}
	switch target, _ := os.Readlink(file); filepath.Base(target) {
	case "golang-wsl", "golang-wsl-shim":
		return true
	}
	return startsLikeAsdf(file)
}

// startsLikeAsdf knows asdf's shims by the lines that asdf itself looks for.
func startsLikeAsdf(file string) bool {
	f, err := open(file)
	if err != nil {
		return false
	}
	defer f.close()
	head := make([]byte, 128)
	n, _ := f.read(head)
	return bytes.HasPrefix(head[:n], []byte("#!")) && bytes.Contains(head[:n], []byte("\n# asdf-plugin: "))
}

func sameDir(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// binDir is where the shims of a data directory are, and shimsDir asdf's.
func binDir(data string) string   { return filepath.Join(data, "golang-wsl", "bin") }
func shimsDir(data string) string { return filepath.Join(data, "shims") }
