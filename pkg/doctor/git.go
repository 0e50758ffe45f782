package doctor

// gitChecks are about git.
func gitChecks() []Check { return nil }
