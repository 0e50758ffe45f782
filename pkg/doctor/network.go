package doctor

// networkChecks are about servers.
func networkChecks() []Check { return nil }
