package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
)

// planted is a session with a needle in every value that names a person.
func planted(n int, r *rand.Rand) client.Session {
	needle := func(kind string, most int) string {
		return fmt.Sprintf("NEEDLE%06d%s%s", n, kind, strings.Repeat("x", r.IntN(most)))
	}
	s := session(n, needle("user", 1+r.IntN(450)), client.StatusVerified, "")
	s.ClientReferenceID, s.RelatedCustomer = needle("reference", 60), client.Ref(needle("customer", 20))
	s.Metadata["team"] = needle("team", 400)
	return s
}

var needles = regexp.MustCompile(`NEEDLE\d{6}`)

// inFiles returns the numbers of all sessions with a needle in a file of the
// folder.
func inFiles(t testing.TB, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range needles.FindAllString(string(data), -1) {
			found[match] = true
		}
	}
	return found
}

func keepTeam(c *sqlite.Config) { c.Metadata = []string{"team"} }

// redacted is a session as it is answered after a redaction.
func redacted(s client.Session) client.Session {
	s.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	return s
}

// ways are all ways to erase a value that names a person; each gets the former
// session and removes the value from the store.
var ways = []struct {
	name string
	do   func(t testing.TB, s *sqlite.Store, epoch uint64, at time.Time, sessions []client.Session) error
}{
	{"the answer to our own redaction", func(t testing.TB, s *sqlite.Store, _ uint64, at time.Time, sessions []client.Session) error {
		for _, session := range sessions[1:] {
			if err := s.Apply(t.Context(), mirror.Origin{At: at, Sent: at, News: true}, redacted(session)); err != nil {
				return err
			}
		}
		return s.Apply(t.Context(), mirror.Origin{At: at}, redacted(sessions[0]))
	}},
	{"an event", func(t testing.TB, s *sqlite.Store, epoch uint64, at time.Time, sessions []client.Session) error {
		batch := mirror.Batch{}
		for i, session := range sessions {
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at, News: true}, Session: redacted(session)})
			batch.Events = append(batch.Events, mirror.EventMark{ID: fmt.Sprint("evt_", i), Created: client.Unix(at.Unix())})
			batch.Began = append(batch.Began, mirror.Beginning{ID: session.ID, State: client.StateRedacting, At: client.Unix(at.Unix())})
		}
		return s.Commit(t.Context(), epoch, batch)
	}},
	{"the sweep", func(t testing.TB, s *sqlite.Store, epoch uint64, at time.Time, sessions []client.Session) error {
		batch := mirror.Batch{}
		for _, session := range sessions {
			session.Redaction, session.Metadata = &client.Redaction{Status: client.RedactionRedacted}, nil
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at}, Session: session})
		}
		return s.Commit(t.Context(), epoch, batch)
	}},
	{"gone", func(t testing.TB, s *sqlite.Store, epoch uint64, _ time.Time, sessions []client.Session) error {
		batch := mirror.Batch{}
		for _, session := range sessions {
			batch.Gone = append(batch.Gone, session.ID, session.ID)
		}
		return s.Commit(t.Context(), epoch, batch)
	}},
	{"other values", func(t testing.TB, s *sqlite.Store, epoch uint64, at time.Time, sessions []client.Session) error {
		batch := mirror.Batch{}
		for i, session := range sessions {
			session.ClientReferenceID, session.RelatedCustomer = "", "cus_new"
			session.Metadata = map[string]string{"user_id": strings.Repeat("new", 1+i%99), "team": "new"}
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at}, Session: session})
		}
		return s.Commit(t.Context(), epoch, batch)
	}},
}

// TestErasureLeavesNoByte plants a thousand sessions with needles among others,
// takes each way of erasing them and looks into every byte of every file, while
// the mirror is open and after it was closed and opened again.
func TestErasureLeavesNoByte(t *testing.T) {
	if testing.Short() {
		t.Skip("much is written, by one goroutine after the other")
	}
	const all, erased = 20_000, 1_000
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 1))
	s := open(t, dir, keepTeam)
	epoch, _, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sessions []client.Session
	at := start.Add(time.Hour)
	for len(sessions) < all {
		var batch mirror.Batch
		for range 1 + r.IntN(300) {
			session := planted(len(sessions), r)
			sessions = append(sessions, session)
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at}, Session: session})
		}
		for range r.IntN(50) { // other changes move the rows of the sessions
			session := sessions[r.IntN(len(sessions))]
			session.LastError, session.Status = &client.CheckError{Code: storetest.Codes[r.IntN(len(storetest.Codes))]}, client.StatusRequiresInput
			session.LastReport = client.Ref(strings.Repeat("r", r.IntN(30)))
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at, News: true}, Session: session})
		}
		if err := s.Commit(t.Context(), epoch, batch); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
	}
	if n := len(inFiles(t, dir)); n != len(sessions) {
		t.Fatalf("%d of %d needles were planted", n, len(sessions))
	}
	chosen := r.Perm(all)[:erased]
	for i, way := range ways {
		var part []client.Session
		for _, n := range chosen[i*erased/len(ways) : (i+1)*erased/len(ways)] {
			part = append(part, sessions[n])
		}
		if err := way.do(t, s, epoch, at, part); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		found := inFiles(t, dir)
		for _, session := range part {
			if needle := session.UserID()[:12]; found[needle] {
				t.Errorf("%s leaves %s", way.name, needle)
			}
		}
	}
	if n := len(inFiles(t, dir)); n != len(sessions)-erased {
		t.Errorf("%d needles are left of %d others", n, len(sessions)-erased)
	}
	s.Close()
	open(t, dir, keepTeam)
	if n := len(inFiles(t, dir)); n != len(sessions)-erased {
		t.Errorf("%d needles after reopening", n)
	}
}

// TestErasureWaitsForAReader: a reader of another process that is in the way
// delays the erasure, which is made good when the mirror is opened again, or
// while it is open.
func TestErasureWaitsForAReader(t *testing.T) {
	for _, reopened := range []bool{false, true} {
		dir := t.TempDir()
		s := open(t, dir, func(c *sqlite.Config) { c.Watch = -1 })
		if !reopened {
			s.Close()
			s = open(t, dir)
		}
		r := rand.New(rand.NewPCG(1, 1))
		session := planted(1, r)
		apply(t, s, 0, session)
		other := database(t, dir)
		rows, err := other.QueryContext(t.Context(), "SELECT person FROM people UNION ALL SELECT n FROM sessions")
		if err != nil || !rows.Next() {
			t.Fatal(err)
		}
		apply(t, s, time.Second, redacted(session))
		if row := get(t, s, session.ID); row.UserID != "" {
			t.Errorf("%+v", row)
		}
		if len(inFiles(t, dir)) == 0 {
			t.Error("the reader was not in the way: this tests nothing")
		}
		rows.Close()
		if reopened {
			s.Close()
			open(t, dir)
		}
		eventually(t, "the needle is gone", func() bool { return len(inFiles(t, dir)) == 0 })
	}
}

// TestAnotherProcessPaysTheErasure: the process that erased is gone before it
// could empty the log. Whoever has the mirror open does it, and who closes it tries.
func TestAnotherProcessPaysTheErasure(t *testing.T) {
	alone := func(c *sqlite.Config) { c.Watch = -1 }
	for name, pays := range map[string]struct {
		watch func(*sqlite.Config)
		do    func(s *sqlite.Store)
	}{
		"it is open":      {func(*sqlite.Config) {}, func(*sqlite.Store) {}},
		"at its next try": {alone, func(s *sqlite.Store) { s.Pay(t.Context()) }},
		"when it closes": {alone, func(s *sqlite.Store) {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, other, third := open(t, dir, alone), open(t, dir, pays.watch), open(t, dir, alone)
			session := planted(1, rand.New(rand.NewPCG(1, 1)))
			apply(t, s, 0, session)
			reader := database(t, dir)
			rows, err := reader.QueryContext(t.Context(), "SELECT person FROM people UNION ALL SELECT n FROM sessions")
			if err != nil || !rows.Next() {
				t.Fatal(err)
			}
			apply(t, s, time.Second, redacted(session))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if len(inFiles(t, dir)) == 0 {
				t.Error("the reader was not in the way: this tests nothing")
			}
			rows.Close()
			pays.do(other)
			paid := func() bool { return len(inFiles(t, dir)) == 0 && asked(t, dir, "SELECT owed FROM mirror") == "0" }
			if name == "it is open" {
				eventually(t, "it is paid", paid)
			}
			if !paid() {
				t.Errorf("left: %v", inFiles(t, dir))
			}
			third.Follow(t.Context())
			if row := get(t, third, session.ID); row.UserID != "" {
				t.Errorf("%+v", row)
			}
		})
	}
}

// TestTheLastActOfAProcessIsToPay: what a process owes itself is paid when it is
// closed, also while others have the mirror open.
func TestTheLastActOfAProcessIsToPay(t *testing.T) {
	dir := t.TempDir()
	alone := func(c *sqlite.Config) { c.Watch = -1 }
	s, other := open(t, dir, alone), open(t, dir, alone)
	session := planted(1, rand.New(rand.NewPCG(1, 1)))
	apply(t, s, 0, session)
	rows, err := database(t, dir).QueryContext(t.Context(), "SELECT person FROM people UNION ALL SELECT n FROM sessions")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	apply(t, s, time.Second, redacted(session))
	rows.Close()
	if len(inFiles(t, dir)) == 0 {
		t.Error("the reader was not in the way: this tests nothing")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if found := inFiles(t, dir); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	other.Follow(t.Context())
	if row := get(t, other, session.ID); row.UserID != "" {
		t.Errorf("%+v", row)
	}
}

// TestMetadataThatIsNotKeptAnyMoreIsErased opens a mirror with fewer keys.
func TestMetadataThatIsNotKeptAnyMoreIsErased(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 1))
	s := open(t, dir, keepTeam)
	kept, other, last := planted(1, r), planted(2, r), planted(3, r)
	other.Metadata = map[string]string{"team": "NEEDLE000002"}
	other.ClientReferenceID, other.RelatedCustomer = "", ""
	apply(t, s, 0, kept, other, last)
	if metadata, err := s.Metadata(t.Context(), kept.ID); err != nil || metadata["team"] != kept.Metadata["team"] || len(metadata) != 1 {
		t.Errorf("%v %v", metadata, err)
	}
	s.Close()
	s = open(t, dir)
	found := inFiles(t, dir)
	if metadata, err := s.Metadata(t.Context(), kept.ID); err != nil || len(metadata) != 0 || found["NEEDLE000002"] || !found["NEEDLE000001"] {
		t.Errorf("%v %v %v", metadata, err, found)
	}
	if strings.Contains(everything(t, dir), "team") {
		t.Error("the key is still there")
	}
	for _, session := range []client.Session{kept, last} {
		if row := get(t, s, session.ID); row.UserID != session.UserID() || row.Customer != string(session.RelatedCustomer) {
			t.Errorf("%+v", row)
		}
	}
}

func everything(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range files(t, dir) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

// TestOnlyWhatIsAllowedIsStored puts a value into every field of a session, and
// finds of all those in the files only what may be there.
func TestOnlyWhatIsAllowedIsStored(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	session := whole(1)
	session.Metadata = map[string]string{"user_id": "ALLOWEDuser", "other": "FORBIDDENmetadata"}
	session.ClientReferenceID, session.RelatedCustomer, session.LastReport = "ALLOWEDreference", "ALLOWEDcustomer", "ALLOWEDreport"
	session.LastError = &client.CheckError{Code: "ALLOWEDcode", Reason: "FORBIDDENreason"}
	session.VerifiedOutputs = &client.VerifiedOutputs{FirstName: "FORBIDDENname", IDNumber: "FORBIDDENnumber"}
	session.ProvidedDetails = &client.ProvidedDetails{Email: "FORBIDDENemail"}
	session.Object, session.VerificationFlow = "FORBIDDENobject", "ALLOWEDflow"
	apply(t, s, 0, session)
	all := everything(t, dir)
	if found := regexp.MustCompile("FORBIDDEN[a-z]+").FindAllString(all, -1); found != nil {
		t.Errorf("stored: %q", found)
	}
	found := regexp.MustCompile("ALLOWED(user|reference|customer|report|code|flow)").FindAllString(all, -1)
	slices.Sort(found)
	if len(slices.Compact(found)) != 6 {
		t.Errorf("stored only %q", found)
	}
}

// eventually waits for what happens in the background, or in another process.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
