package stripe

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CheckBaseURL says why an address of the API, "" for Stripe's, can't be used.
func CheckBaseURL(base string) error {
	_, err := parseBaseURL(orDefault(base, DefaultBaseURL))
	return err
}

// parseBaseURL checks the address of the API. Every request carries the key there,
// so it must be https, or plain http that can't leave the machine, and nothing in
// the address may send the request elsewhere.
func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("the API base is not a URL: write it like https://api.stripe.com or http://127.0.0.1:12111")
	case u.User != nil:
		return nil, errors.New("the API base holds a user name or password: leave them out, the key is sent by itself")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the API base %q does not start with https:// or http://", s)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the API base %q names no host", s)
	case u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("the API base %q has a path: leave out everything after the host, /v1 too", s)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(s, "#"):
		return nil, fmt.Errorf("the API base %q has a query or fragment: leave out everything after the host", s)
	case !validPort(u):
		return nil, fmt.Errorf("the API base %q has no valid port", s)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("the API base %q would send the key unencrypted: use https, or http to 127.0.0.1, ::1 or localhost", s)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// loopback tells whether the host of a URL is this machine by its name alone.
// Spellings that only a resolver understands, such as 127.1, are not.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}
