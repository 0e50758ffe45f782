package doctor

// buildChecks are about what builds need.
func buildChecks() []Check { return nil }
