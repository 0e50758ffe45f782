package fsio

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Module is a module of Go packages that Generate writes. The same values make
// the same bytes.
type Module struct {
	Packages int // below the command, at least 1
	// Salt is a constant in each package. With another one nothing that was built
	// before can be used.
	Salt int
}

// width is how many packages are in a layer: those of a layer do not wait for each
// other, as in a real module.
const width = 20

// Generate writes a module to a directory that exists: a command, and packages in
// layers of 20, each with two files and up to three imports of the layer below. They
// import errors, sort, strconv and strings, and no module but their own.
func Generate(dir string, m Module) error { return m.generate(dir, func() {}) }

func (m Module) generate(dir string, beat func()) error {
	if m.Packages < 1 {
		return fmt.Errorf("a module of %d packages: it has 1 or more", m.Packages)
	}
	if err := m.write(dir, "go.mod", "module example.com/generated\n\ngo 1.18\n"); err != nil {
		return err
	}
	for i := range m.Packages {
		beat()
		if err := m.edit(dir, i, m.Salt); err != nil {
			return err
		}
		if err := m.write(dir, filepath.Join(packageName(i), "table.go"), m.table(i)); err != nil {
			return err
		}
	}
	return m.write(dir, filepath.Join("cmd", "app", "main.go"), m.command())
}

// edit writes the one file of a package that the salt is in.
func (m Module) edit(dir string, i, salt int) error {
	return m.write(dir, filepath.Join(packageName(i), packageName(i)+".go"), m.code(i, salt))
}

func (m Module) write(dir, name, text string) error {
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func packageName(i int) string { return fmt.Sprintf("p%03d", i) }

// below are the packages that package i imports: three, or fewer where they are the
// same.
func (m Module) below(i int) (list []int) {
	layer, k := i/width, i%width
	if layer == 0 {
		return nil
	}
	seen := make(map[int]bool)
	for _, n := range []int{k, (7*k + 1) % width, (3*k + 2) % width} {
		if !seen[n] {
			seen[n], list = true, append(list, (layer-1)*width+n)
		}
	}
	slices.Sort(list)
	return list
}

func (m Module) code(i, salt int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is generated.\npackage %[1]s\n\nimport (\n\t\"errors\"\n\t\"sort\"\n\t\"strconv\"\n\t\"strings\"\n", packageName(i))
	for k, n := range m.below(i) {
		if k == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "\t\"example.com/generated/%s\"\n", packageName(n))
	}
	fmt.Fprintf(&b, ")\n\nconst salt = %d\n", salt)
	b.WriteString(`
var errEmpty = errors.New("empty")

// Item is a word and how often it was seen.
type Item struct {
	Word  string
	Count int
}

// Count tells the words of a text.
func Count(text string) ([]Item, error) {
	if text == "" {
		return nil, errEmpty
	}
	counts := make(map[string]int)
	for _, w := range strings.Fields(text) {
		counts[strings.ToLower(w)]++
	}
	items := make([]Item, 0, len(counts))
	for w, n := range counts {
		items = append(items, Item{w, n})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].Count > items[j].Count })
	return items, nil
}

// Sum is a number of this package and those below.
func Sum(text string) int {
	total := salt + table[len(text)%len(table)]
	items, err := Count(text)
	if err != nil {
		return total
	}
	for _, it := range items {
		total += it.Count + len(strconv.Itoa(it.Count))
	}
`)
	for _, n := range m.below(i) {
		fmt.Fprintf(&b, "\ttotal += %s.Sum(text)\n", packageName(n))
	}
	b.WriteString("\treturn total\n}\n")
	return b.String()
}

func (m Module) table(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nvar table = [...]int{\n", packageName(i))
	for n := range 64 {
		fmt.Fprintf(&b, "\t%d,\n", (n*n+7*i)%1009)
	}
	b.WriteString("}\n")
	return b.String()
}

func (m Module) command() string {
	var imports, calls strings.Builder
	for i := range m.Packages {
		fmt.Fprintf(&imports, "\t\"example.com/generated/%s\"\n", packageName(i))
		fmt.Fprintf(&calls, "\ttotal += %s.Sum(\"a b a\")\n", packageName(i))
	}
	return fmt.Sprintf("// Command app is generated.\npackage main\n\nimport (\n%s)\n\nfunc main() {\n\ttotal := 0\n%s\tprintln(total)\n}\n", &imports, &calls)
}
