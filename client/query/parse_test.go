package query

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWhatALineMeans: the condition of each line, in its one form.
func TestWhatALineMeans(t *testing.T) {
	for line, want := range map[string]string{
		"ann state:failed":                "ann state:failed",
		"  ann   bob ":                    "ann bob",
		"ann AND bob":                     "ann bob",
		"ann OR bob cid":                  "ann OR bob cid",
		"(ann OR bob) cid":                "(ann OR bob) cid",
		"a (b (c OR d) e)":                "a b (c OR d) e",
		"a OR (b OR c)":                   "a OR b OR c",
		"NOT ann":                         "NOT ann",
		"NOT NOT ann":                     "ann",
		"-state:failed":                   "-state:failed",
		"NOT -state:failed":               "state:failed",
		`-"ann"`:                          "NOT ann",
		"-(ann bob)":                      "-(ann bob)",
		"NOT (ann OR state:failed)":       "-(ann OR state:failed)",
		"-x9":                             "-x9",
		"smith (old)":                     `smith "(old)"`,
		"smith (old":                      `smith "(old"`,
		"(smith (old) OR state:failed)":   "smith old OR state:failed",
		"auth0|5:a":                       "auth0|5:a",
		"urn:user:7":                      "urn:user:7",
		"reson:x":                         "reson:x",
		"State:failed":                    "State:failed",
		"ann OR":                          "ann",
		"ann NOT":                         "ann",
		"OR":                              `"OR"`,
		"NOT":                             `"NOT"`,
		"ann or bob":                      "ann or bob",
		"()":                              `"()"`,
		"(state:failed":                   "state:failed",
		"(state:failed)x":                 `"(state:failed)x"`,
		`"smith (old)"`:                   `"smith (old)"`,
		`"smith (ol`:                      `"smith (ol"`,
		`"`:                               `"\""`,
		`""`:                              "",
		`"a\"b\\c"`:                       `"a\"b\\c"`,
		`"user:7"`:                        `"user:7"`,
		`"OR"`:                            `"OR"`,
		`"ann",`:                          "ann",
		`say"hi`:                          `"say\"hi"`,
		"reason:a,b":                      "reason:a,b",
		"reason:a,,b,":                    "reason:a,b",
		`reason:"document expired"`:       `reason:"document expired"`,
		`user:"a,b","c d"`:                `user:"a,b","c d"`,
		`user:""`:                         `user:""`,
		`user:"a*"*`:                      `user:"a*"*`,
		`user:a"*"b?`:                     `user:"a*b"?`,
		"user:a:b":                        "user:a:b",
		`ref:a\b`:                         `ref:"a\\b"`,
		"meta.plan:gold":                  "meta.plan:gold",
		"tries:>=3":                       "tries:>=3",
		"(tries:>=3)":                     "tries:>=3",
		`created:"2026-11-20 14:05"`:      `created:"2026-11-20 14:05"`,
		"age:<2k ann":                     "age:<2k ann",
		`(user:"a)b" OR ann)`:             `user:"a)b" OR ann`,
		"a OR b AND c OR NOT d":           "a OR b c OR NOT d",
		"doc:id_card country:pl":          "doc:id_card country:pl",
		"https://x.example/a?user:b":      "https://x.example/a?user:b",
		"NOT (ann)":                       "NOT ann",
		"(ann) OR bob":                    "ann OR bob",
		"-(ann)":                          `"-(ann)"`,
		`("" ann) OR bob`:                 "ann OR bob",
		`-("" "") ann`:                    "ann",
		"stuck:yes,no":                    "stuck:yes,no",
		"since:today..":                   "since:today..",
		"age:1h30m..2d":                   "age:1h30m..2d",
		"state:failed state:processing x": "state:failed state:processing x",
	} {
		q := Parse(line)
		if got := q.String(); got != want {
			t.Errorf("%q is read as %q, want %q", line, got, want)
		}
		roundTrip(t, line)
	}
}

// roundTrip checks that what a query is printed as is read as the same.
func roundTrip(t *testing.T, line string) {
	t.Helper()
	q := Parse(line)
	again := Parse(q.String())
	texts := func(problems []Problem) (texts []string) {
		for _, p := range problems {
			texts = append(texts, p.String())
		}
		return texts
	}
	if again.String() != q.String() || !slices.Equal(again.Words(), q.Words()) || again.Timed() != q.Timed() || again.Names() != q.Names() ||
		!slices.Equal(texts(again.Problems()), texts(q.Problems())) {
		t.Fatalf("%q is printed as %q, and that is read as %q; %v, %v", line, q.String(), again.String(), q.Problems(), again.Problems())
	}
	for _, p := range append(q.Problems(), q.Suggestions()...) {
		if p.From < 0 || p.From >= p.To || p.To > len(line) || p.Text == "" {
			t.Fatalf("%q: the problem %+v is nowhere", line, p)
		}
	}
}

// pieces are what lines are made of.
var pieces = []string{
	"ann", "bob", " ", " ", " ", "(", ")", `"`, `\`, "-", ":", ",", "*", "?", "OR", "NOT", "AND", " OR ", " NOT ", "state:", "state:failed", "failed",
	"age:", ">2h", "<", "..", "2026-11", "user:", "user:a", "meta.k:", "x", "é", "\u200b", "tries:3", "stuck:yes", ";", "“",
}

func TestAnyLineIsRead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		var line strings.Builder
		for range 1 + r.IntN(12) {
			line.WriteString(pieces[r.IntN(len(pieces))])
		}
		roundTrip(t, line.String())
	}
}

func FuzzParse(f *testing.F) {
	for _, piece := range pieces {
		f.Add(piece)
	}
	f.Add(`(a OR "b c") -state:failed user:"x\"y",z* age:>2h..`)
	f.Fuzz(func(t *testing.T, line string) {
		roundTrip(t, strings.ToValidUTF8(line, ""))
		pasted := Pasted("", line)
		if q := Parse(pasted); len(q.Words()) > 1 || !q.Conditions().Nothing() {
			t.Fatalf("%q is pasted as %q: %v", line, pasted, q)
		}
	})
}

// TestProblems: each says where it is, what is wrong, and what would be right.
func TestProblems(t *testing.T) {
	for line, want := range map[string]string{
		"state:failed ann age:<2k": "age:<2k is no time: <2h, >30m, 1d..3d",
		"age:2h":                   "age:2h says neither more nor less: <2h, >2h",
		"age:today":                "age:today is when, not how long ago: created:today",
		"created:<2h":              "created:<2h is how long ago, not when: age:<2h",
		"since:soon":               "since:soon is no time: <2h, >3d, today",
		"created:2026-13":          "created:2026-13 is no time: today, 2026-11-20, 2026-11..",
		"state:faild":              "state:faild is no state: failed",
		"state:xyz":                "state:xyz is no state: failed, waiting, processing, verified",
		"ann -(state:)":            "state: wants a value: failed, waiting, processing, verified",
		"tries:many":               "tries:many is no number: 3, >=3, 3..5",
		"stuck:maybe":              "stuck:maybe is neither yes nor no: yes, no",
		"tries:>2..3":              "tries:>2..3 is no number: 3, >=3, 3..5",
		"tries:..":                 "tries:.. is no number: 3, >=3, 3..5",
	} {
		q := Parse(line)
		if len(q.Problems()) != 1 || q.Problems()[0].String() != want {
			t.Errorf("%q: got %v, want %q", line, q.Problems(), want)
			continue
		}
		p := q.Problems()[0]
		if part := line[p.From:p.To]; !strings.HasPrefix(want, part) || strings.ContainsAny(part, "() ") {
			t.Errorf("%q: the problem is at %q", line, part)
		}
	}
	for line, want := range map[string]string{
		"reson:x":      "reson: is no name: reason:?",
		"code:x":       "code: is no name: reason:?",
		"user_id:x":    "user_id: is no name: user:?",
		"Session:vs_1": "Session: is no name: id:?",
		"ann stat:fai": "stat: is no name: state:?",
		"State:failed": "State: is no name: state:?",
		"contry:PL":    "contry: is no name: country:?",
		"auth0|5:a":    "", "urn:user:7": "", "a:b": "", "https://example.com": "",
	} {
		q := Parse(line)
		got := ""
		for _, p := range q.Suggestions() {
			got = p.String()
		}
		if got != want || len(q.Problems()) > 0 {
			t.Errorf("%q: suggested %q, want %q; %v", line, got, want, q.Problems())
		}
	}
}

// TestAProblemMayPassAsMoreIsTyped: nobody is told off in the middle of a word.
func TestAProblemMayPassAsMoreIsTyped(t *testing.T) {
	for _, line := range []string{
		"state:failed", "state:failed,processing", "age:<2h", "age:>=90m", "since:today", "created:2026-11-20..", "created:yesterday", "tries:>=3", "stuck:yes",
		"age:2h..3d", "created:2026-11-20T14:05",
	} {
		for end := strings.Index(line, ":") + 1; end < len(line); end++ {
			for _, p := range Parse(line[:end]).Problems() {
				if !p.Open {
					t.Errorf("%q: %v", line[:end], p)
				}
			}
		}
	}
	for _, line := range []string{"state:x", "age:<2k", "stuck:maybe", "state:x,failed"} {
		if p := Parse(line).Problems(); len(p) != 1 || p[0].Open {
			t.Errorf("%q: %+v", line, p)
		}
	}
}

// TestSound: what has a problem is left out, whatever it is in.
func TestSound(t *testing.T) {
	for line, want := range map[string]string{
		"ann age:<2k state:failed": "ann state:failed", "age:": "", "ann OR age:x": "ann", "-(age:x OR bob) a": "NOT bob a", "-state:no a": "a", "(a OR (b state:no)) c": "(a OR b) c",
		"(age:x OR state:y) a": "a", "tries:3": "tries:3",
	} {
		if q := Parse(line).Sound(); q.String() != want || len(q.Problems()) > 0 {
			t.Errorf("%q: got %q, want %q", line, q, want)
		}
	}
}

func TestNamesAPerson(t *testing.T) {
	for line, want := range map[string]bool{
		"": false, "state:failed -age:>2h": false, "reason:a OR country:PL": false, "ann": true, "state:failed OR ann": true, "-user:a": true,
		"ref:a": true, "id:vs_1": true, "customer:c": true, "meta.k:v": true, "state:nonsense": true,
	} {
		if got := Parse(line).Names(); got != want {
			t.Errorf("%q names a person: %v, want %v", line, got, want)
		}
	}
}

func TestWithAndWithout(t *testing.T) {
	for line, want := range map[string]string{
		"":                        "reason:document_expired",
		"ann state:failed":        "ann state:failed reason:document_expired",
		"reason:selfie_* ann":     "ann reason:document_expired",
		"ann OR bob":              "(ann OR bob) reason:document_expired",
		"-reason:abandoned":       "-reason:abandoned reason:document_expired",
		"reason:document_expired": "reason:document_expired",
	} {
		q := Parse(line).With("reason", "document_expired")
		if q.String() != want || !q.Has("reason", "document_expired") || q.Without("reason").Has("reason", "document_expired") {
			t.Errorf("%q: got %q, want %q; without %q", line, q, want, q.Without("reason"))
		}
	}
	if q := Parse("ann").With("reason", `a "new" code, 2*`); q.String() != `ann reason:"a \"new\" code, 2*"` || !q.Has("reason", `a "new" code, 2*`) {
		t.Error(q)
	}
	if Parse("reason:document_*").Has("reason", "document_expired") {
		t.Error("a pattern is not the code")
	}
}

// TestWhatIsPastedIsOneWord, whatever it has in it, and wherever the cursor is.
func TestWhatIsPastedIsOneWord(t *testing.T) {
	for _, test := range []struct{ before, text, want string }{
		{"", "ann_8392", "ann_8392"},
		{"", " ann_8392\n", "ann_8392"},
		{"", `"ann_8392",`, "ann_8392"},
		{"", "smith (old)", `"smith (old)"`},
		{"", "state:failed", `"state:failed"`},
		{"", "-x9", "-x9"},
		{"", "OR", `"OR"`},
		{"", `5" screen`, `"5\" screen"`},
		{"", "https://dashboard.stripe.com/test/identity/verification-sessions/vs_1NuN", "vs_1NuN"},
		{"ann ", "a b", `"a b"`},
		{"user:", "a b", `"a b"`},
		{"user:", "a,b", `"a,b"`},
		{"user:x,", "7", "7"},
		{`"`, "a b", "a b"},
		{`user:"`, `a" b`, `a\" b`},
		{`-user:"x",`, "a b", `"a b"`},
		{"", " \t", ""},
	} {
		if got := Pasted(test.before, test.text); got != test.want {
			t.Errorf("%q pasted behind %q is %q, want %q", test.text, test.before, got, test.want)
		}
	}
}

// TestRanges: what comparisons and ranges cover, by the clock and the zone of the asker.
func TestRanges(t *testing.T) {
	zone := time.FixedZone("east", 2*60*60)
	now := time.Date(2026, 11, 28, 1, 30, 0, 0, zone)
	unix := func(text string) int64 {
		at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at.Unix()
	}
	const least, most = math.MinInt64, math.MaxInt64
	for line, want := range map[string]Range{
		"tries:3":                    {3, 3},
		"tries:=3":                   {3, 3},
		"tries:>3":                   {4, most},
		"tries:>=3":                  {3, most},
		"tries:<3":                   {least, 2},
		"tries:<=3":                  {least, 3},
		"tries:3..5":                 {3, 5},
		"tries:3..":                  {3, most},
		"tries:..5":                  {least, 5},
		"age:>2h":                    {least, now.Unix() - 7201},
		"age:<2h":                    {now.Unix() - 7199, most},
		"age:>=1h30m":                {least, now.Unix() - 5400},
		"age:1h..2h":                 {now.Unix() - 7200, now.Unix() - 3600},
		"since:1w..":                 {least, now.Unix() - 7*24*3600},
		"created:today":              {unix("2026-11-28 00:00:00"), unix("2026-11-28 23:59:59")},
		"created:yesterday":          {unix("2026-11-27 00:00:00"), unix("2026-11-27 23:59:59")},
		"created:yesterday..":        {unix("2026-11-27 00:00:00"), most},
		"created:2026-11-20":         {unix("2026-11-20 00:00:00"), unix("2026-11-20 23:59:59")},
		"created:>2026-11-20":        {unix("2026-11-21 00:00:00"), most},
		"created:<2026-11":           {least, unix("2026-10-31 23:59:59")},
		"created:2026":               {unix("2026-01-01 00:00:00"), unix("2026-12-31 23:59:59")},
		"created:2026-10..2026-11":   {unix("2026-10-01 00:00:00"), unix("2026-11-30 23:59:59")},
		"created:2026-11-20T14:05":   {unix("2026-11-20 14:05:00"), unix("2026-11-20 14:05:59")},
		`created:"2026-11-20 14:05"`: {unix("2026-11-20 14:05:00"), unix("2026-11-20 14:05:59")},
		"created:2026-11-20T14..":    {unix("2026-11-20 14:00:00"), most},
		"since:>=today":              {unix("2026-11-28 00:00:00"), most},
	} {
		q := Parse(line)
		if len(q.Problems()) > 0 {
			t.Error(line, q.Problems())
			continue
		}
		if got := q.Expr().Parts[0].Term.Ranges(now); !slices.Equal(got, []Range{want}) {
			t.Errorf("%q: got %v, want %v", line, got, want)
		}
	}
}
