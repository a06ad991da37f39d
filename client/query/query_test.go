package query

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]string{
		"":                       "",
		"  \t ":                  "",
		" a  b ":                 "a b",
		"a\xffb":                 "ab",
		strings.Repeat("é", 50):  strings.Repeat("é", MaxWord),
		strings.Repeat("x", 500): strings.Repeat("x", MaxWord),
	} {
		q := Parse(line)
		if q.String() != want || q.Empty() != (want == "") {
			t.Errorf("%q: got %q, empty %v", line, q, q.Empty())
		}
	}
}

func TestMarks(t *testing.T) {
	q := Parse("ann 92")
	if got, want := q.Marks("ann_8392", "", "", nil).UserID, []int{0, 1, 2, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("user_id: got %v, want %v", got, want)
	}
	m := Parse("MLW ü").Marks("ann", "vs_0tMLw", "für", []string{"MLW", "ü"})
	if want := []int{5, 6, 7}; !slices.Equal(m.SessionID, want) {
		t.Errorf("session id: got %v, want %v", m.SessionID, want)
	}
	if want := []int{1}; !slices.Equal(m.Reference, want) {
		t.Errorf("reference: got %v, want %v", m.Reference, want)
	}
}

// TestWhatIsPastedRoundAnIDDoesNotHideIt: the id comes from a mail, a list, a
// program, or the Dashboard.
func TestWhatIsPastedRoundAnIDDoesNotHideIt(t *testing.T) {
	const id = "vs_1NuNAILkdIwHu7ixh70tMLw"
	for line, want := range map[string]string{
		"https://dashboard.stripe.com/test/identity/verification-sessions/" + id:                   id,
		"https://dashboard.stripe.com/acct_1abc/identity/verification-sessions/" + id + "?tab=x#y": id,
		"<https://dashboard.stripe.com/identity/verification-sessions/" + id + ">,":                id,
		"dashboard.stripe.com/customers/cus_9s6XKzkNRiz8i3":                                        "cus_9s6XKzkNRiz8i3",
		"https://dashboard.stripe.com/login":                                                       "https://dashboard.stripe.com/login",
		"\"ann_8392\",":                                                                            "ann_8392",
		"'ann_8392'; “joann”":                                                                      "ann_8392 joann",
		"\u200bann_8392\ufeff":                                                                     "ann_8392",
		"ann\u00ad_\u200d8392":                                                                     "ann_8392",
		"\u00a0ann_8392\u202f,":                                                                    "ann_8392 ,",
		"o'brien":                                                                                  "o'brien",
		"\"":                                                                                       "\"",
		"\u200b":                                                                                   "",
	} {
		want = string([]rune(want)[:min(len([]rune(want)), MaxWord)])
		if got := strings.Join(Parse(line).Words(), " "); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// TestPlainLettersFindAccentedIDs, and composed ones decomposed ones; those that
// have the letters themselves come first where they stand as well.
func TestPlainLettersFindAccentedIDs(t *testing.T) {
	texts := []string{
		"Ắnton", "A\u0306\u0301nton", "anton", "Łukasz", "lukasz_2", "Straße 7", "strasse", "josé_7", "jose\u0301_7", "jose_7", "Jos\u00e9_7 ",
		"Søren", "Đorđe", "Ærø", "jo\u200bse_9", "ﬁona", "a-n-t-o-n", "Étienne",
	}
	r := &reference{texts: texts, age: slices.Collect(upTo(len(texts)))}
	x := NewIndex(r.newer)
	for row, text := range texts {
		x.Put(uint32(row), text)
	}
	for word, want := range map[string][]string{
		"anton":        {"anton", "Ắnton", "A\u0306\u0301nton", "a-n-t-o-n"},
		"lukasz":       {"Łukasz", "lukasz_2"},
		"łukasz":       {"Łukasz"},
		"strasse":      {"strasse", "Straße 7"},
		"straße":       {"Straße 7"},
		"josé":         {"josé_7", "Jos\u00e9_7 ", "jose\u0301_7"},
		"jose\u0301_7": {"jose\u0301_7", "josé_7", "Jos\u00e9_7 "},
		"jose":         {"jose_7", "jose\u0301_7", "josé_7", "Jos\u00e9_7 ", "jo\u200bse_9"},
		"soren":        {"Søren"},
		"dorde":        {"Đorđe"},
		"aero":         {"Ærø"},
		"fiona":        {"ﬁona"},
		"etienne":      {"Étienne"},
	} {
		r.check(t, x, []string{word}, nil, 10)
		ranked, err := x.Rank(t.Context(), Ranking{Words: []string{word}, Rows: 10})
		var got []string
		for _, row := range ranked.Rows {
			got = append(got, texts[row])
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q; %v", word, got, want, err)
		}
	}
}

// TestLettersThatStandTogetherComeFirst: a random id does not come before a
// name for its capitals.
func TestLettersThatStandTogetherComeFirst(t *testing.T) {
	texts := []string{"cus_aNFgu7hG5tNDkx", "joann_1", "a_n_n", "jo_ann_1", "ann_8392", "cus_AnnFgu7hG5tNDk", "Ann", "xANN"}
	x := NewIndex(func(a, b uint32) bool { return a < b })
	for row, text := range texts {
		x.Put(uint32(row), text)
	}
	ranked, err := x.Rank(t.Context(), Ranking{Words: []string{"ann"}, Rows: 10})
	var got []string
	for _, row := range ranked.Rows {
		got = append(got, texts[row])
	}
	if want := []string{"Ann", "ann_8392", "jo_ann_1", "cus_AnnFgu7hG5tNDk", "xANN", "joann_1", "a_n_n", "cus_aNFgu7hG5tNDkx"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, want %q; %v", got, want, err)
	}
}

// TestMarksAreWhereTheWordStands: what is highlighted is what was found.
func TestMarksAreWhereTheWordStands(t *testing.T) {
	for _, c := range []struct {
		word, text string
		want       []int
		typed      bool
	}{
		{"ann", "a_n_ann", []int{4, 5, 6}, true},
		{"ann", "a_n_n", []int{0, 2, 4}, false},
		{"ann", "joAnn", []int{2, 3, 4}, true},
		{"anton", "xẮnton", []int{1, 4, 5, 6, 7}, false},
		{"jse", "jo\u0301sé", []int{0, 4, 5}, false},
		{"josé", "JOSÉ", []int{0, 1, 2, 3}, true},
		{"strasse", "Straße", []int{0, 1, 2, 3, 4, 6}, false},
		{"zz", "ann", nil, false},
	} {
		q := Parse(c.word)
		if got := q.Marks(c.text, "", "", nil).UserID; !slices.Equal(got, c.want) {
			t.Errorf("%s in %s: got %v, want %v", c.word, c.text, got, c.want)
		}
		if got := q.AsTyped(c.text, nil); got != c.typed {
			t.Errorf("%s in %s as typed: %v", c.word, c.text, got)
		}
	}
	if !Parse("ann vs_1").AsTyped("joann", []string{"vs_1"}) || Parse("ann 1").AsTyped("joann", nil) {
		t.Error("each word counts, but those found elsewhere")
	}
}

// TestIDsThatLookAlike are other ids, each with what tells it from the first.
func TestIDsThatLookAlike(t *testing.T) {
	texts := []string{"josé_7", "jose\u0301_7", "josé_7 ", "José_7", " josé_7", "josé\u200b_7", "jоsé_7", "Jose\u0301_7\u00a0", "jose_7", "josé_77", "josé__7"}
	x := NewIndex(func(a, b uint32) bool { return a < b })
	for row, text := range texts {
		x.Put(uint32(row), text)
	}
	rows, err := x.Alike(t.Context(), texts[0])
	if slices.Sort(rows); err != nil || !slices.Equal(rows, []uint32{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("rows %v, %v", rows, err)
	}
	for row, want := range []string{"written otherwise", "accents decomposed", "a space after it", "other capitals", "a space before it",
		"U+200B, which can't be seen", "U+043E for o", "a space after it, other capitals, accents decomposed"} {
		if got := Difference(texts[0], texts[row]); got != want {
			t.Errorf("%q: %s, want %s", texts[row], got, want)
		}
	}
	for _, c := range []struct{ than, userID, want string }{
		{"ann ", "ann", "no space after it"}, {"a  b", "a b", "other spaces within"}, {"a\u200bb", "ab", "nothing that can't be seen"},
		{"jose\u0301", "josé", "accents composed"}, {"ann", "Ａnn", "other capitals"},
	} {
		if got := Difference(c.than, c.userID); !LookAlike(c.than, c.userID) || got != c.want {
			t.Errorf("%q than %q: %s, want %s", c.userID, c.than, got, c.want)
		}
	}
}

// FuzzQuery types a line, letter by letter, into a list of user_ids that changes
// on the way, and compares with the reference.
func FuzzQuery(f *testing.F) {
	f.Add("ann 83", "ann_8392\nuser_839201\nAnnB_83\n\nJo.Ann@x.org 83", "vs_1", "İ")
	f.Add("kſ", "K\u212as\n_sK\x00k\nK S", "vs_1", "kſ")
	f.Fuzz(func(t *testing.T, line, users, session, elsewhere string) {
		q := Parse(line)
		r := &reference{texts: strings.Split(users, "\n")}
		for row := range r.texts {
			r.age = append(r.age, -row)
		}
		x := NewIndex(r.newer)
		for row, text := range r.texts {
			x.Put(uint32(row), text)
		}
		for n, word := range q.Words() {
			runes := []rune(word)
			for end := range runes {
				r.check(t, x, append(slices.Clone(q.Words()[:n]), string(runes[:end+1])), nil, 3)
				row := uint32((end + n) % len(r.texts))
				r.put(x, row, r.texts[len(session)%len(r.texts)])
			}
		}
		for row, text := range r.texts {
			if got := x.UserID(uint32(row)); got != text {
				t.Fatalf("row %d is %q, want %q", row, got, text)
			}
		}
		marks := q.Marks(users, session, elsewhere, strings.Fields(elsewhere))
		for _, at := range []struct {
			offsets []int
			text    string
		}{{marks.UserID, users}, {marks.SessionID, session}, {marks.Reference, elsewhere}} {
			if n := len(at.offsets); n > 0 && at.offsets[n-1] >= len(at.text) {
				t.Fatalf("mark %d outside %q", at.offsets[n-1], at.text)
			}
		}
	})
}
