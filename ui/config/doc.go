// Package config finds the config file and its profiles, the API key, the key's
// account, and the folder with the account's mirror and jobs. Its one rule:
// everything comes from a Process with its own environment, so a run with an empty
// environment reads and writes nothing.
package config
