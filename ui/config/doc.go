// Package config finds out what a run of idtop works on: the config file and its
// profiles, the API key, the account that the key belongs to, and the folder where
// the account's mirror and jobs are. Its one rule: all of it comes from a Process,
// whose environment decides, so that a run without one reads and writes nothing.
package config
