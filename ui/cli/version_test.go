package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"idtop/client/stripe"
)

func TestVersionSaysHowItWasBuilt(t *testing.T) {
	got := run(t, nil, "version")
	if got.code != exitOK || !strings.HasPrefix(got.stdout, "idtop 1.2.3\n") || !strings.Contains(got.stdout, runtime.Version()) || !strings.Contains(got.stdout, stripe.APIVersion) {
		t.Errorf("%+v", got)
	}
	var b built
	if got := run(t, nil, "version", "--format", "json"); json.Unmarshal([]byte(got.stdout), &b) != nil || b.Version != "1.2.3" || b.System != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("%+v", got)
	}
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-11-28T07:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	text := builtOf("1.2.3", info).text()
	for _, line := range []string{"commit      0123abcd, changed since\n", "committed   2026-11-28T07:00:00Z\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}

// TestManPages: each command that the help lists has a page, the same one each time.
func TestManPages(t *testing.T) {
	folder, again := t.TempDir(), t.TempDir()
	for _, f := range []string{folder, again} {
		if got := run(t, nil, "man", f); got.code != exitOK || got.stdout != "" {
			t.Fatalf("%+v", got)
		}
	}
	pages, err := os.ReadDir(folder)
	if err != nil || len(pages) < 15 {
		t.Fatal(len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(folder, page.Name()))
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(filepath.Join(again, page.Name()))
		if err != nil || string(second) != string(text) {
			t.Errorf("%s is another one the second time: %v", page.Name(), err)
		}
		if !strings.Contains(string(text), "idtop") || !strings.Contains(string(text), "SYNOPSIS") {
			t.Errorf("%s is no page", page.Name())
		}
	}
	for _, name := range []string{"idtop.1", "idtop-redact.1", "idtop-ledger-verify.1"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	missing := filepath.Join(folder, "missing")
	expectFailure(t, run(t, nil, "man", missing), exitFailed, `"`+missing+`" is no folder`, "make it first")
	expectFailure(t, run(t, nil, "man"), exitUsage, "man needs the folder for the pages", "name a FOLDER that exists")
}
