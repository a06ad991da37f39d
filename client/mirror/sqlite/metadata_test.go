package sqlite_test

import (
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/query"
)

// TestTermsOnMetadata: a term finds sessions by a key that the configuration keeps, until it changes or is
// erased; in another process and after a restart too.
func TestTermsOnMetadata(t *testing.T) {
	dir := t.TempDir()
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true, Metadata: []string{"team", "plan"}, Watch: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	here, there := open(), open()
	lists := func(line string, want ...string) {
		t.Helper()
		for name, s := range map[string]*sqlite.Store{"here": here, "there": there} {
			var got []string
			eventually(t, line+" "+name, func() bool {
				got = nil
				for _, row := range find(t, s, mirror.Request{Query: query.Parse(line), Rows: 10}).Rows {
					got = append(got, row.ID)
				}
				return slices.Equal(got, want)
			})
		}
	}
	one, two := session(1, "ann", client.StatusVerified, ""), session(2, "bob", client.StatusVerified, "")
	one.Metadata["team"], one.Metadata["plan"], two.Metadata["team"] = "red, green", "gold", "blue"
	apply(t, here, 0, one, two)
	lists(`meta.team:"red, green"`, one.ID)
	lists("meta.team:*re* meta.plan:gold", one.ID)
	lists("meta.team:blue", two.ID)
	lists(`meta.plan:""`, two.ID)
	lists("meta.team:*", two.ID, one.ID)
	lists("meta.secret:*")
	for begun, want := range map[string][]query.Value{"": {{Text: "blue", Sessions: 1}, {Text: "red, green", Sessions: 1}}, "red": {{Text: "red, green", Sessions: 1}}, "green": nil} {
		if got := find(t, here, mirror.Request{Values: "meta.team", Begun: begun}).Values; !slices.Equal(got, want) {
			t.Errorf("teams that begin with %q: %v, want %v", begun, got, want)
		}
	}
	two.Metadata["team"] = "grey"
	apply(t, here, time.Minute, two)
	lists("meta.team:blue")
	lists("meta.team:grey", two.ID)
	one.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	apply(t, here, 2*time.Minute, one)
	lists("meta.team:*", two.ID)
	here.Close()
	there.Close()
	here = open()
	there = here
	lists("meta.team:grey", two.ID)
	lists("meta.plan:*")
}
