package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func Verify(in io.Reader) (Report, error) { return VerifyAgainst(in, Head{}) }

// thousand returns the lines of a ledger of 1,000 records, and its head.
func thousand(t testing.TB) ([][]byte, Head) {
	t.Helper()
	l := open(t, t.TempDir(), Options{Tool: "1.0", Unsafe: true}) // for speed: this is about what is written
	fill(t, l, 0, 500)
	return slices.Collect(bytes.Lines(content(t, l.dir))), l.Head()
}

func wantFault(t *testing.T, what string, err error, line int, flaws ...Flaw) {
	t.Helper()
	var fault *Fault
	if !errors.As(err, &fault) || fault.Line != line || len(flaws) > 0 && !slices.Contains(flaws, fault.Flaw) {
		t.Errorf("%s: %v, want line %d and one of %v", what, err, line, flaws)
	}
}

// Each of 1,000 records is flipped in one byte, deleted, swapped with the next,
// and inserted twice. Every time the right line is named.
func TestVerifyFindsEveryChange(t *testing.T) {
	lines, head := thousand(t)
	n := len(lines)
	if n != 1000 {
		t.Fatalf("%d records", n)
	}
	step := 1
	if raceDetector {
		step = 25
	}
	// For speed, 19 of 20 are verified from shortly before the change on,
	// which is what Verify does once it has come there.
	verify := func(lines [][]byte, k int) error {
		from := max(0, k-5)
		if k%20 == 0 || k == n-1 {
			from = 0
		}
		var head Head
		if from > 0 {
			r, _ := parseLine(lines[from-1])
			head = r.Head()
		}
		w := newWalker(bytes.NewReader(slices.Concat(lines[from:]...)), head, 0)
		w.line = from
		_, err := w.verify(Head{})
		return err
	}
	if err := verify(lines, 0); err != nil {
		t.Fatal(err)
	}
	t.Run("flip", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(1, 2))
		for k := 0; k < n; k += step {
			changed := slices.Clone(lines)
			changed[k] = slices.Clone(lines[k])
			at := random.IntN(len(changed[k]))
			changed[k][at] ^= byte(1 + random.IntN(255))
			wantFault(t, fmt.Sprintf("byte %d of record %d", at, k+1), verify(changed, k), k+1)
		}
	})
	t.Run("delete", func(t *testing.T) {
		t.Parallel()
		for k := 0; k < n; k += step {
			changed := slices.Delete(slices.Clone(lines), k, k+1)
			if k < n-1 {
				wantFault(t, fmt.Sprintf("record %d deleted", k+1), verify(changed, k), k+1, FlawOrder)
			}
			if k%50 == 0 || k == n-1 {
				_, err := VerifyAgainst(bytes.NewReader(slices.Concat(changed...)), head)
				wantFault(t, fmt.Sprintf("record %d deleted, with the head", k+1), err, k+1, FlawOrder, FlawCut)
			}
		}
	})
	t.Run("swap", func(t *testing.T) {
		t.Parallel()
		for k := 0; k < n-1; k += step {
			changed := slices.Clone(lines)
			changed[k], changed[k+1] = changed[k+1], changed[k]
			wantFault(t, fmt.Sprintf("records %d and %d swapped", k+1, k+2), verify(changed, k), k+1, FlawOrder)
		}
	})
	t.Run("insert", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(3, 4))
		for k := 0; k < n; k += step {
			after := k + 1
			if k%2 == 1 {
				after = random.IntN(n + 1) // anywhere
			}
			if after == k {
				after++ // a copy before the record itself changes what comes behind it
			}
			changed := slices.Insert(slices.Clone(lines), after, lines[k])
			wantFault(t, fmt.Sprintf("record %d again at line %d", k+1, after+1), verify(changed, min(k, after)), after+1, FlawOrder)
		}
	})
}

// A tail that was cut off shows against a head that was kept, wherever the cut.
func TestVerifyFindsACutTail(t *testing.T) {
	lines, head := thousand(t)
	text := slices.Concat(lines...)
	random := rand.New(rand.NewPCG(5, 6))
	step := 11
	if raceDetector {
		step = 100
	}
	for k := len(lines) - 1; k >= 0; k -= step {
		start := len(slices.Concat(lines[:k]...))
		_, err := VerifyAgainst(bytes.NewReader(text[:start]), head)
		wantFault(t, fmt.Sprintf("cut before line %d", k+1), err, k+1, FlawCut)
		_, err = VerifyAgainst(bytes.NewReader(text[:start+1+random.IntN(len(lines[k])-1)]), head)
		wantFault(t, fmt.Sprintf("cut in line %d", k+1), err, k+1, FlawUnfinished)
	}
}

// A chain that was written anew is sound by itself, but not with an old head.
func TestVerifyFindsAnotherChain(t *testing.T) {
	lines, head := thousand(t)
	for _, from := range []uint64{1, 500, 1000} {
		var changed []byte
		var prev Hash
		for i, line := range lines {
			r, flaw := parseLine(line)
			if flaw != FlawNone {
				t.Fatal(flaw)
			}
			if uint64(i+1) >= from {
				r.Reason, r.Prev = "another", prev
			}
			changed = r.seal(changed)
			prev = r.Hash
		}
		if _, err := Verify(bytes.NewReader(changed)); err != nil {
			t.Fatal(err)
		}
		_, err := VerifyAgainst(bytes.NewReader(changed), head)
		wantFault(t, fmt.Sprintf("written anew from %d on", from), err, 1000, FlawHead)
	}
	if _, err := VerifyAgainst(bytes.NewReader(slices.Concat(lines...)), head); err != nil {
		t.Error(err)
	}
	r, _ := parseLine(lines[499])
	if _, err := VerifyAgainst(bytes.NewReader(slices.Concat(lines...)), r.Head()); err != nil {
		t.Errorf("against an older head: %v", err)
	}
}

func TestVerifyNamesOtherTrouble(t *testing.T) {
	lines, _ := thousand(t)
	lines = lines[:3]
	replaced, _ := parseLine(lines[1])
	replaced.Reason = "another"
	fromNewer := rehash(strings.Replace(string(lines[0]), `"v":1,`, `"v":2,"new":true,`, 1))
	tear := Record{Kind: KindNote, Verb: torn, Seq: replaced.Seq, Prev: replaced.Prev, TornBytes: 3, TornHash: sha256.Sum256([]byte("ab\n"))}
	for name, test := range map[string]struct {
		text string
		line int
		flaw Flaw
	}{
		"replaced":      {string(lines[0]) + string(replaced.seal(nil)) + string(lines[2]), 3, FlawChain},
		"newer":         {fromNewer + string(lines[1]), 1, FlawNewer},
		"as if newer":   {strings.Replace(string(lines[0]), `"v":1,`, `"v":2,`, 1), 1, FlawHash},
		"empty line":    {string(lines[0]) + "\n" + string(lines[1]), 2, FlawForm},
		"carriage":      {strings.ReplaceAll(string(lines[0]), "\n", "\r\n"), 1, FlawForm},
		"long":          {string(lines[0]) + strings.Repeat("x", 3*longestLine), 2, FlawForm},
		"very long":     {string(lines[0]) + strings.Repeat("x", 3*longestTear), 2, FlawForm},
		"zeros":         {string(lines[0]) + strings.Repeat("\x00", 100), 2, FlawUnfinished},
		"no tear":       {string(lines[0]) + string(tear.seal(nil)), 2, FlawTorn},
		"another tear":  {string(lines[0]) + "abc\n" + string(tear.seal(nil)), 2, FlawForm},
		"tear too late": {string(lines[0]) + string(lines[1]) + "ab\n" + string(tear.seal(nil)), 3, FlawForm},
	} {
		report, err := Verify(strings.NewReader(test.text))
		wantFault(t, name, err, test.line, test.flaw)
		if report.Records != uint64(test.line-1) {
			t.Errorf("%s: %d records", name, report.Records)
		}
	}
	text := string(lines[0]) + "ab\n" + string(tear.seal(nil))
	report, err := Verify(strings.NewReader(text))
	if err != nil || report.Records != 2 || fmt.Sprint(report.Tears) != "[{2 3 2}]" {
		t.Errorf("a tear: %+v, %v", report, err)
	}
	broken := errors.New("input/output error")
	_, err = Verify(iotest.DataErrReader(iotest.TimeoutReader(bytes.NewReader(slices.Concat(lines...)))))
	if err != nil && !errors.Is(err, iotest.ErrTimeout) {
		t.Error(err)
	}
	_, err = Verify(iotest.ErrReader(broken))
	wantFault(t, "unreadable", err, 1, FlawRead)
	if !errors.Is(err, broken) {
		t.Errorf("%v hides why", err)
	}
	for flaw := range flawCount {
		if flaw.String() == "" {
			t.Errorf("flaw %d has no words", flaw)
		}
	}
}

// Whatever is verified: no panic, and what passes is spelled as it was written.
func FuzzVerify(f *testing.F) {
	l := open(f, f.TempDir(), Options{})
	fill(f, l, 1, 2)
	text := content(f, l.dir)
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add(append(text[:len(text)/2:len(text)/2], text...))
	tear := Record{Kind: KindNote, Verb: torn, Seq: 1, TornBytes: 3, TornHash: sha256.Sum256([]byte("ab\n"))}
	f.Add(append([]byte("ab\n"), tear.seal(nil)...))
	f.Fuzz(func(t *testing.T, text []byte) {
		report, err := Verify(bytes.NewReader(text))
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Line > bytes.Count(text, []byte("\n"))+1 || fault.Error() == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(report.Tears) > 0 {
			return
		}
		var again []byte
		for r, err := range Records(bytes.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			again = r.seal(again)
		}
		if !bytes.Equal(again, text) {
			t.Errorf("%q passes, and is spelled %q", text, again)
		}
	})
}

// Any text makes a record that is read back as it was bounded.
func FuzzRecord(f *testing.F) {
	f.Add("vs_1", "\x1b]52;c;\x07", "\u202e😀\xff", uint64(1), int64(0))
	f.Fuzz(func(t *testing.T, session, reason, user string, n uint64, second int64) {
		r := Record{
			Seq: n, Kind: KindIntent, Verb: Verb(user), Session: session, Reason: scrub(reason, user), Actor: Actor{user, reason},
			Key: session, HTTP: n, Server: accepted.Server.AddDate(int(second%100_000), 0, 0), Restricted: n%2 == 0,
			Prev: sha256.Sum256([]byte(reason)),
		}
		line := r.seal(nil)
		got, flaw := parseLine(line)
		if flaw != FlawNone || got != r {
			t.Errorf("%s: %+v, want %+v", flaw, got, r)
		}
	})
}
