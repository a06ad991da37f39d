package query

import (
	"slices"
	"strings"
	"testing"
)

// TestComplete: the cursor is at the bar; what is offered, what the rest of the line is, and the line
// with the first candidate put in.
func TestComplete(t *testing.T) {
	reasons := []Value{{"selfie_manipulated", 3}, {"selfie_face_mismatch", 2}, {"document_expired", 5}, {"a new code", 1}, {"", 9}}
	users := []Value{{"ann", 1}, {"ann_1", 7}, {"Anna", 9}, {"old ann", 2}, {`a"b`, 1}, {"*", 1}}
	for line, want := range map[string]struct{ rest, first, put string }{
		"ann reason:selfie_|":         {"ann", "selfie_*", "ann reason:selfie_* |"},
		"ann reason:sel| bob":         {"ann bob", "selfie_*", "ann reason:selfie_*| bob"},
		"reason:a,docu| x":            {"x", "document_*", "reason:a,document_*| x"},
		"reason:docu|,abandoned":      {"", "document_*", "reason:document_*|,abandoned"},
		"-reason:manip|":              {"", "selfie_manipulated", "-reason:selfie_manipulated |"},
		"(ann OR reason:document_ex|": {"ann", "document_expired", "(ann OR reason:document_expired |"},
		"reason:a|":                   {"", `"a new code"`, `reason:"a new code" |`},
		"state:fa|":                   {"", "failed", "state:failed |"},
		"state:| ann":                 {"ann", "failed", "state:failed| ann"},
		"ann age:x reason:docu|":      {"ann", "document_*", "ann age:x reason:document_* |"},
		"sta|":                        {"", "state:", "state:|"},
		"ann -ol| x":                  {"ann x", "", ""},
		"user:a|":                     {"", "ann_1", "user:ann_1 |"},
		"-user:bob,A| x":              {"x", "Anna", "-user:bob,Anna| x"},
		"user:ol|":                    {"", `"old ann"`, `user:"old ann" |`},
		`user:"ol|`:                   {"", `"old ann"`, `user:"old ann" |`},
		"user:b|":                     {"", "", ""},
		"user:old_a|":                 {"", "", ""},
		`meta.plan:a"|`:               {"", "ann_1", "meta.plan:ann_1 |"},
		"state:failed|":               {"", "", ""},
		"nothing|":                    {"", "", ""},
		"tries:|":                     {"", "1", "tries:1 |"},
		"since:to|":                   {"", "today", "since:today |"},
		"reson:x|":                    {"", "", ""},
		`"sta|`:                       {"", "", ""},
	} {
		before, after, _ := strings.Cut(line, "|")
		c, ok := Complete(before+after, len(before))
		values := reasons
		switch {
		case IsText(c.Name):
			values = users
		case c.Name != "reason":
			values = nil
		}
		var candidates []Candidate
		if ok {
			candidates = c.Candidates(values)
		}
		first, put := "", ""
		if len(candidates) > 0 {
			first = candidates[0].Text
			text, at := c.Put(before+after, candidates[0])
			put = text[:at] + "|" + text[at:]
		}
		if first != want.first || put != want.put || ok && c.Rest.String() != want.rest {
			t.Errorf("%q: offered %q, put in %q, rest %q; want %+v", line, first, put, c.Rest, want)
		}
		if len(candidates) > MostCandidates {
			t.Errorf("%q: %d candidates", line, len(candidates))
		}
	}
	c, _ := Complete("reason:selfie_", 14)
	group := c.Candidates(reasons)[0]
	if group.Sessions != 5 || !group.Counted || group.Words != "all of them" {
		t.Errorf("the group is %+v", group)
	}
	var texts []string
	for _, candidate := range c.Candidates(reasons) {
		texts = append(texts, candidate.Text)
	}
	if want := []string{"selfie_*", "selfie_manipulated", "selfie_face_mismatch"}; !slices.Equal(texts[:3], want) {
		t.Errorf("got %q, the most frequent come first", texts)
	}
}

// TestBegun: while a code is typed that no session has, it is only begun.
func TestBegun(t *testing.T) {
	for line, want := range map[string]bool{
		"reason:selfie_": true, "reason:selfie_*": false, "reason:document_expired": false, "country:PL": false, "country:P": true, "state:fail": true,
		"state:failed": false, "age:<2": false, "ann": false,
		"user:x": true, "user:PL": false, "user:pl": true, "user:P*": false, "user:": false, `user:""`: false,
	} {
		c, ok := Complete(line, len(line))
		if got := ok && c.Begun([]Value{{"PL", 3}}); got != want {
			t.Errorf("%q is begun: %v, want %v", line, got, want)
		}
	}
}

func FuzzComplete(f *testing.F) {
	f.Add("ann reason:a,b x", 12)
	f.Add(`(user:"a b" OR -sta`, 19)
	f.Fuzz(func(t *testing.T, line string, cursor int) {
		if cursor < 0 || cursor > len(line) || !strings.HasPrefix(line, strings.ToValidUTF8(line[:cursor], "")) || strings.ToValidUTF8(line, "") != line {
			return
		}
		c, ok := Complete(line, cursor)
		if !ok {
			return
		}
		for _, candidate := range c.Candidates([]Value{{"a", 1}, {"b c", 2}}) {
			if put, at := c.Put(line, candidate); at > len(put) || !strings.HasSuffix(put[:at], candidate.Text) && !strings.HasSuffix(put[:at], candidate.Text+" ") {
				t.Fatalf("%q at %d: %q at %d", line, cursor, put, at)
			}
		}
	})
}
