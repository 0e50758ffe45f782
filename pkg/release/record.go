package release

import (
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// A record is a list as it was received, and as it is kept in the cache.
type record struct {
	table   table
	url     string    // where it came from, without password
	etag    string    // "" if the server sent none
	checked time.Time // when the server last said that this is the list
	local   bool      // from a file:// proxy: nothing to gain from a copy
}

const recordMagic = "golang-wsl release list 1"

// encode writes r as a table with a head. The checksum is against a bad disk
// and a careless editor, not against an enemy: who can write here can also
// write to the installed toolchains.
func (r *record) encode() []byte {
	head := fmt.Sprintf("# %s\nurl %s\netag %s\nchecked %s\ncrc32 %08x\n", recordMagic,
		oneLine(r.url), oneLine(r.etag), r.checked.UTC().Format(time.RFC3339),
		checksum(r.table.columns, []byte(r.table.body)))
	return []byte(head + r.table.text())
}

func checksum(columns []string, body []byte) uint32 {
	sum := crc32.ChecksumIEEE([]byte(strings.Join(columns, " ")))
	return crc32.Update(sum, crc32.IEEETable, body)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func decodeRecord(data []byte) (*record, error) {
	text := string(data)
	if !strings.HasPrefix(text, "# "+recordMagic+"\n") {
		return nil, fmt.Errorf("parse cached list: it does not begin with %q", recordMagic)
	}
	fields, t, err := parseTable(text)
	if err != nil {
		return nil, err
	}
	kept := data[len(data)-len(t.body):]
	if sum := fmt.Sprintf("%08x", checksum(t.columns, kept)); sum != fields["crc32"] {
		return nil, fmt.Errorf("parse cached list: its crc32 is %s, not %q", sum, fields["crc32"])
	}
	checked, err := time.Parse(time.RFC3339, fields["checked"])
	if err != nil {
		return nil, fmt.Errorf("parse cached list: %w", err)
	}
	return &record{table: t, url: fields["url"], etag: fields["etag"], checked: checked}, nil
}

func readRecord(path string) (*record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decodeRecord(data)
}

// save replaces the file at path in one step, so that a reader or a crash never
// meets half a list.
func (r *record) save(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(path, r.encode(), 0o644)
}
