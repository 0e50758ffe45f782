package doctor

import "strings"

// environment is what goSetting says of variables.
const environment = "the environment"

// envFile is what golang-wsl sets before each go, where the environment does not.
func (m *Machine) envFile() string { return below(m.dataDir(), "golang-wsl", "env.sh") }

// goValue is goSetting, which is what a user has set, or what the go.env of the
// active Go has: that of a release, or of whoever has packaged it.
func (m *Machine) goValue(name string) (value, source string) {
	if value, source = m.goSetting(name); value != "" {
		return value, source
	}
	root, _ := m.activeRoot()
	file := below(root, "go.env")
	text, _ := m.read(file)
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok && v != "" {
			return v, file
		}
	}
	return "", ""
}

// change gives a setting of the go command another value, by what outranks where it
// is from, as goValue has said.
func (m *Machine) change(name, value, from string) string {
	if from == environment || from == m.envFile() {
		return "export " + name + "=" + value
	}
	return "go env -w " + name + "=" + value
}

// cross reports whether builds are for another system or architecture.
func (m *Machine) cross() bool {
	system, _ := m.goValue("GOOS")
	arch, _ := m.goValue("GOARCH")
	return system != "" && system != "linux" || arch != "" && arch != m.Arch
}
