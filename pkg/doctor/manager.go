package doctor

// managerChecks are about asdf and mise.
func managerChecks() []Check { return nil }
