package doctor

// settingChecks are about settings of the network.
func settingChecks() []Check { return nil }
