package bench

import (
	"io/fs"
	"slices"
)

// Groups are the directories of the control group of this process that has a
// controller, "cpu" or "memory" or "pids", and of those above it, the own one first:
// a limit of one holds for all below. Those of version 2 come before those of
// version 1, which may be there as well. root is laid out like /.
func Groups(root fs.FS, controller string) (dirs []string) {
	m := &machine{root: root}
	v2, v1 := m.groupOf(controller)
	return slices.Concat(v2, v1)
}

// MemoryGroups are the directories of the control group that counts the memory of
// this process, and of those above it, the own one first: a limit of one holds for
// all below. Those of version 2 have memory.current, those of version 1
// memory.usage_in_bytes. root is laid out like /.
func MemoryGroups(root fs.FS) (dirs []string) { return Groups(root, "memory") }
