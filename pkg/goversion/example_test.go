package goversion_test

import (
	"errors"
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// What a person types is resolved over the releases that there are.
func Example() {
	var list []goversion.Version
	for _, name := range []string{"go1.22.0", "go1.20", "go1.22.12", "go1.20.14", "go1.23rc1", "go1.22.9"} {
		v, err := goversion.Parse(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		list = append(list, v)
	}
	goversion.Sort(list)
	fmt.Println(list)

	for _, text := range []string{"latest", "oldstable", "1.22", "~1.22.3 <1.22.10", "1.20.0", "1.23rc1", "1.23"} {
		q, err := goversion.ParseQuery(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		v, err := q.Resolve(list)
		var none *goversion.NoMatchError
		if errors.As(err, &none) {
			fmt.Println(err, "- near:", none.Near)
			continue
		}
		fmt.Println(q, "->", v)
	}
	// Output:
	// [1.20 1.20.14 1.22.0 1.22.9 1.22.12 1.23rc1]
	// latest -> 1.22.12
	// oldstable -> 1.20.14
	// 1.22 -> 1.22.12
	// ~1.22.3 <1.22.10 -> 1.22.9
	// 1.20.0 -> 1.20
	// 1.23rc1 -> 1.23rc1
	// no Go release matches "1.23" - near: [1.23rc1]
}

// The go line of a go.mod is a floor: an installed patch that is new enough
// will do, and only without one the newest that there is.
func ExampleMod_Query() {
	mod, err := goversion.ParseMod("go.mod", []byte("module example.com/m\n\ngo 1.22.3\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	q, _ := mod.Query()

	installed := parseAll("1.22.2", "1.22.7", "1.23.1")
	available := parseAll("1.22.3", "1.22.12", "1.23.1")
	v, err := q.Resolve(installed)
	if err != nil {
		v, err = q.Resolve(available)
	}
	fmt.Println(v, err)
	// Output: 1.22.7 <nil>
}

func parseAll(names ...string) []goversion.Version {
	vs := make([]goversion.Version, len(names))
	for i, name := range names {
		vs[i], _ = goversion.Parse(name)
	}
	return vs
}

func ExampleParseName() {
	q, err := goversion.ParseName("1.20") // from asdf, so a name first
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Resolve(parseAll("1.20", "1.20.14")))
	fmt.Println(q.Resolve(parseAll("1.20.1", "1.20.14")))
	// Output:
	// 1.20 <nil>
	// 1.20.14 <nil>
}
