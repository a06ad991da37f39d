//go:build e2e && unix

package cli

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"idtop/client/emulator"
	"idtop/ui/config"
)

// The built binary over TLS: the variable that lets net/http log every header does not
// make it print the key.
func TestHTTP2DebugShowsNoKey(t *testing.T) {
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(emulator.New(emulator.Config{Seed: 1, Sessions: 5}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	home := t.TempDir()
	roots := filepath.Join(home, "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	sync := func(debug string) (said string, err error) {
		c := exec.Command(name, "sync", "--api-base", server.URL)
		c.Env = []string{"HOME=" + home, "SSL_CERT_FILE=" + roots, "GODEBUG=" + debug, config.KeyVariable + "=" + aKey}
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if said, err := sync("netdns=go"); err != nil || strings.Contains(said, aKey[8:]) {
		t.Fatalf("the server is not reached: %v, %s", err, said)
	}
	for _, debug := range []string{"http2debug=1", "http2debug=2", "netdns=go,http2debug=2"} {
		if said, err := sync(debug); err == nil || !strings.Contains(said, "GODEBUG has http2debug, which prints the key: take it out") || strings.Contains(said, aKey[8:]) {
			t.Errorf("%s: %v, %s", debug, err, said)
		}
	}
}
