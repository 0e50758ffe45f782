package doctor

// managerChecks are about asdf, mise, and what else may have brought a go.
func managerChecks() []Check {
	return []Check{
		{
			ID: "asdf-version", Title: "which asdf", Look: lookAsdfVersion,
			Reads:   "`PATH`, `ASDF_DIR`, what `asdf --version` says, else `version.txt`",
			Decides: "the asdf in bash beside the one in Go, and 0.16.0, are warnings; 0.16 to 0.18 where a variable asks for a version that they do not see is one, else info; so are those in bash",
			Why:     "which go runs, and how soon, is asdf's doing where go goes through its shims",
			Cure:    "put a current asdf from https://github.com/asdf-vm/asdf/releases in its place",
		},
		{
			ID: "mise", Title: "mise beside golang-wsl", Look: lookMise,
			Reads:   "`PATH`, `MISE_SHELL`, `__MISE_DIFF`, `MISE_DATA_DIR`, mise's configuration from the current directory up, what `mise --version` says offline",
			Decides: "a go of mise's, of another version than `.tool-versions` asks golang-wsl for, in front of it is a warning; a go of ours where mise.toml asks for another version, and the shims of a mise for Windows, are info",
			Why:     "two managers each give a go, and the first on PATH is the one that runs, whatever the other was told",
			Cure:    "let one of them manage Go",
		},
		{
			ID: "mise-dirs", Title: "directories of mise of this kind's own", Look: lookMiseDirs,
			Reads:   "`MISE_DATA_DIR`, `MISE_CACHE_DIR`, `XDG_DATA_HOME`, `XDG_CACHE_HOME`",
			Decides: "a data directory of another kind is a warning if there is a Go in it, else info; a cache of another kind is info",
			Why:     "mise keeps what it knows of a version in its cache, by version alone, so that one kind gets the GOROOT of the other",
			Cure:    "golang-wsl setup, then a new shell",
		},
		{
			ID: "distro-go", Title: "a go of the distribution on PATH", Look: lookDistroGo,
			Reads:   "`PATH`, `VERSION` and `go.env` of the go there, the environment, the file of `go env -w`",
			Decides: "one that is the first go and whose go.env has another GOTOOLCHAIN or GOSUMDB than a release, or no proxy in GOPROXY, none of it set by the user, is a warning; else it is info",
			Why:     "such a go does not get the toolchain that go.mod asks for, or takes modules unproved, unlike what everybody else sees",
			Cure:    "golang-wsl setup, then a new shell",
		},
	}
}
