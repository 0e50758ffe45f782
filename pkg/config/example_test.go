package config_test

import (
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
)

func ExampleParse() {
	values, err := config.Parse([]byte(`
source = ["official", "goproxy"]

[wsl2]
data_dir = "~/.asdf-two"
`))
	fmt.Println(values["source"], values["wsl2.data_dir"], err)

	_, err = config.Parse([]byte("[wsl2]\ndata-dir = '/d'"))
	fmt.Println(err)
	// Output:
	// official,goproxy ~/.asdf-two <nil>
	// line 2: unknown key "wsl2.data-dir"
}
