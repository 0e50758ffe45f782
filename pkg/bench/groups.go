package bench

import (
	"io/fs"
	"slices"
)

// MemoryGroups are the directories of the control group that counts the memory of
// this process, and of those above it, the own one first: a limit of one holds for
// all below. Those of version 2 have memory.current, those of version 1
// memory.usage_in_bytes. root is laid out like /.
func MemoryGroups(root fs.FS) (dirs []string) {
	m := &machine{root: root}
	g := m.ownGroup()
	return slices.Concat(g.v2, g.memory)
}
