package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/godbus/dbus/v5"
)

// hasKeyring tells whether a session bus runs, on which the keyring would be. Without
// one the library would start a bus that nothing ends.
func hasKeyring(p *Process) bool {
	if address := p.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return true
	}
	return slices.ContainsFunc([]string{"bus", "dbus-session"}, func(name string) bool {
		_, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name))
		return err == nil
	})
}

// lacksKeyring tells whether an error says that nothing answers for the keyring.
func lacksKeyring(err error) bool {
	var refused dbus.Error
	if errors.As(err, &refused) {
		return slices.Contains([]string{
			"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
		}, refused.Name)
	}
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}
