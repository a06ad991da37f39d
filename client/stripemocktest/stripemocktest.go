// Package stripemocktest starts stripe-mock, Stripe's own server for tests, for
// the tests of this module. It answers every request with fixed objects; it has
// no state and no errors of Stripe's. Only tests import this package.
package stripemocktest

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Key is a key that stripe-mock takes.
const Key = "sk_test_123"

// startTimeout bounds the wait for the address; loading its description of the
// API takes stripe-mock about a second.
const startTimeout = time.Minute

// Start runs a stripe-mock on free loopback ports until the test ends and
// returns its base URL. The test fails with the reason if that can't be done.
func Start(t testing.TB) string {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	// Without an address for HTTPS it would listen on all interfaces.
	server := exec.Command(program, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	var stderr strings.Builder
	server.Stderr = &stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatalf("start stripe-mock: %v", err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("start stripe-mock: %v", err)
	}
	stop := sync.OnceFunc(func() {
		server.Process.Kill()
		server.Wait()
	})
	t.Cleanup(stop)

	address := make(chan string, 1)
	go func() {
		defer close(address)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() { // to the end, so that it never blocks on a full pipe
			if at, ok := strings.CutPrefix(lines.Text(), "Listening for HTTP at address: "); ok {
				address <- at
			}
		}
	}()
	select {
	case at, ok := <-address:
		if !ok {
			stop()
			t.Fatalf("stripe-mock ended before it listened: %s", stderr.String())
		}
		return "http://" + at
	case <-time.After(startTimeout):
		stop()
		t.Fatalf("stripe-mock did not listen within %s", startTimeout)
	}
	return ""
}

// build compiles the stripe-mock of the module of tools and returns where it is,
// in Go's build cache, so that nothing is left behind and a second test run
// finds it there.
var build = sync.OnceValues(func() (string, error) {
	mod, err := output("env", "GOMOD")
	if err != nil {
		return "", err
	}
	tools := filepath.Join(filepath.Dir(mod), ".ci", "tools")
	return output("tool", "-C", tools, "-n", "stripe-mock") // -n: build it and print its path
})

// output runs the go command and returns what it prints.
func output(args ...string) (string, error) {
	var stderr strings.Builder
	command := exec.Command("go", args...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("build stripe-mock: go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
