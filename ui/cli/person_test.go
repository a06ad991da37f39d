package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"idtop/client/ledger"
	"idtop/ui/config"
)

func TestPerson(t *testing.T) {
	s := stock(t, 0, upToDate(), aSession(3, "ann_8392"), aSession(4, "ann_8392"), aSession(5, "ann_839"))
	book, err := ledger.Open(s.pl.Book(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Note(ledger.Act{Verb: ledger.Copy, Session: aSession(3, "").ID, UserID: "ann_8392", Detail: "user_id", Key: mustParseKey(aKey)}); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) outcome {
		return run(t, []string{config.KeyVariable + "=" + aKey, "TZ=UTC"}, append([]string{"person", "--data-dir", s.dir}, args...)...)
	}
	for _, args := range [][]string{nil, {""}, {"a", "b"}} {
		if got := ask(args...); got.code != 2 {
			t.Errorf("%q: %+v", args, got)
		}
	}
	text := ask("ann_8392")
	if text.code != 0 || !strings.Contains(text.stdout, aSession(3, "").ID) || strings.Contains(text.stdout, aSession(5, "").ID) ||
		!strings.Contains(text.stdout, "you copied user_id") || !strings.Contains(text.stdout, "Next: ") {
		t.Fatalf("%+v", text)
	}
	var object personJSON
	got := ask("ann_8392", "--format", "json")
	if err := json.Unmarshal([]byte(got.stdout), &object); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(object.Sessions) != 2 || len(object.Done) != 1 || !strings.HasPrefix(text.stdout, object.Now) {
		t.Errorf("%+v", object)
	}
	if none := ask("nobody"); none.code != 0 || !strings.HasPrefix(none.stdout, "No session of this user_id is known.") || strings.Contains(none.stdout, "Next:") {
		t.Errorf("%+v", none)
	}
}
