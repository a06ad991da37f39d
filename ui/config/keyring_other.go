//go:build !linux

package config

// hasKeyring is true: the system has a keyring, or the library says that it has none.
func hasKeyring(*Process) bool { return true }

// lacksKeyring is false: other systems have their keyring built in.
func lacksKeyring(error) bool { return false }
