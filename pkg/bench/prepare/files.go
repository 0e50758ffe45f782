package prepare

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Files are what Prepare may write to. The zero value are those of this machine; tests
// have a tree of their own.
type Files struct{ Root string }

func (f Files) at(name string) string { return filepath.Join("/", f.Root, name) }

// read is a control file without the end of its line.
func (f Files) read(name string) (string, error) {
	text, err := os.ReadFile(f.at(name))
	return strings.TrimRight(string(text), "\n"), err
}

// write writes into a file that is there: with O_CREAT a missing one would be EACCES.
func (f Files) write(name, text string) error {
	file, err := os.OpenFile(f.at(name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	if errClose := file.Close(); err == nil {
		err = errClose
	}
	return err
}

// hold writes into a device and keeps it open: the kernel takes the request back when
// it is closed, and that is when this process ends, too.
func (f Files) hold(name string, data []byte) (io.Closer, error) {
	file, err := os.OpenFile(f.at(name), os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(data); err != nil {
		return nil, fmt.Errorf("%w (and closed: %v)", err, file.Close())
	}
	return file, nil
}

func (f Files) glob(pattern string) (names []string) {
	found, _ := filepath.Glob(f.at(pattern))
	for _, name := range found {
		names = append(names, path.Join("/", strings.TrimPrefix(name, path.Join("/", f.Root))))
	}
	return names
}
