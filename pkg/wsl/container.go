package wsl

import "strings"

// findContainer is step 7. Only a WSL1 has none: it has no namespaces to make one
// of.
func findContainer(f *files, kind Kind) (Container, []Evidence) {
	c, e := containerMark(f)
	if c == "" {
		return "", nil
	}
	root, _ := f.mounts().At("/")
	switch {
	case kind == WSL1:
		e.Says += ", left over: WSL1 has no containers"
		return "", []Evidence{e}
	case e.Source == "/.dockerenv" && root.Root == "/" && strings.HasPrefix(root.Type, "ext"):
		// "docker export" and "wsl --import" is a way to make a distribution.
		e.Says += ", left over: / is a disk of its own"
		return "", []Evidence{e}
	case f.hasWSLC():
		c = WSLCContainer
	}
	return c, []Evidence{e}
}

// containerMark is the first mark of a container. The file that systemd keeps goes
// first: it says wsl in a distribution on WSL2, which is none, and nothing else
// there counts then.
func containerMark(f *files) (Container, Evidence) {
	manager := f.read("run/systemd/container")
	switch {
	case manager == "wsl":
		return "", Evidence{}
	case f.exists("run/.containerenv"):
		return Podman, Evidence{Source: "/run/.containerenv", Found: "exists", Says: "a container of podman"}
	case f.exists(".dockerenv"):
		return Docker, Evidence{Source: "/.dockerenv", Found: "exists", Says: "a container of docker"}
	case isWord(manager):
		return Container(manager), Evidence{Source: "/run/systemd/container", Found: manager, Says: "a container of " + manager}
	}
	if c, m := layered(f.mounts()); c != "" {
		return c, Evidence{Source: f.table, Found: m.String(), Says: "a container of " + string(c)}
	}
	if v := f.Env("container"); v != "wsl" && isWord(v) {
		return Container(v), Evidence{Source: "environment", Found: "container=" + v, Says: "a container of " + v}
	}
	return "", Evidence{}
}

// layered tells by the directories that / is put together from. A live system has
// others, and so has the VM of wslc: lowerdir=/mnt.
func layered(ms Mounts) (Container, Mount) {
	root, _ := ms.At("/")
	if root.Type == "overlay" {
		for _, dir := range []struct {
			part string
			name Container
		}{{"/containers/", Podman}, {"docker", Docker}, {"desktop-containerd", Docker}, {"containerd", Containerd}} {
			if strings.Contains(root.Options, dir.part) {
				return dir.name, root
			}
		}
	}
	for _, m := range ms {
		if m.Type == "fuse.lxcfs" && strings.HasPrefix(m.Point, "/proc/") {
			return LXC, m
		}
	}
	return "", Mount{}
}

// isWord tells whether the name of a container manager is one: it is somebody
// else's text, and programs will compare it.
func isWord(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}
