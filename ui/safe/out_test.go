package safe

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"ann_8392": `"ann_8392"`,
		"аnn":      `"\u0430nn"`,
		"a\x1b\n":  `"a\x1b\n"`,
		"\xff":     `"\xff"`,
		"\u202e":   `"\u202e"`,
		`a"b\`:     `"a\"b\\"`,
	} {
		if got := UserIDQuoted(in); got.String() != want || got.Width() != len(want) {
			t.Errorf("UserIDQuoted(%+q) = %s, want %s", in, got, want)
		}
		if got := Quote(in); got != want {
			t.Errorf("Quote(%+q) = %s, want %s", in, got, want)
		}
	}
	if got := Quote(strings.Repeat("a", 5000)); len(got) != maxBytes+len(`""...`) || !strings.HasSuffix(got, `"...`) {
		t.Errorf("a long string gives %d bytes", len(got))
	}
}

func TestCSV(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "ann": "ann", "a=1": "a=1", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "'": "''", "'+1": "''+1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x",
		"\tx": `'\tx`, "\rx": `'\rx`, "\nx": `'\nx`, "a\r\nb": `a\r\nb`, "a\x1b[2Jb": `a\u001b[2Jb`, "a\u0085": `a\u0085`,
		`ACME\ann`: `ACME\ann`, `ACME\nina`: `ACME\\nina`, `a\\b`: `a\\\\b`,
	} {
		if got := CSV(in); got != want {
			t.Errorf("CSV(%q) = %q, want %q", in, got, want)
		}
		if got := fromCSV(CSV(in)); got != in {
			t.Errorf("%q came back as %q", in, got)
		}
	}
}

// FuzzCSV: no two texts have one cell, and no cell has a raw control character.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"ann", "'+491701234", "+491701234", "a\nb", `a\nb`, `\\u0041`, "＝1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		cell := CSV(s)
		if back := fromCSV(cell); back != s {
			t.Errorf("%q as %q came back as %q", s, cell, back)
		}
		if strings.ContainsFunc(cell, unicode.IsControl) {
			t.Errorf("%q has a control character", cell)
		}
	})
}

// fromCSV returns the text that CSV made a cell of, as a reader of the page would.
func fromCSV(cell string) string {
	return csvEscape.ReplaceAllStringFunc(strings.TrimPrefix(cell, "'"), func(escape string) string {
		switch escape[1] {
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case 't':
			return "\t"
		case 'u':
			r, _ := strconv.ParseUint(escape[2:], 16, 16) // the pattern has four hex digits
			return string(rune(r))
		}
		return `\`
	})
}

func TestErrorBody(t *testing.T) {
	if got := ErrorBody("502 \x1b[2J\r\n"); got.String() != "502 ␛[2J␍␊" {
		t.Errorf("got %q", got)
	}
	for n, want := range map[int]int{0: 0, 199: 199, 200: 200, 201: 201, 9000: 201} {
		if got := ErrorBody(strings.Repeat("ä", n)); got.Width() != want {
			t.Errorf("%d characters take %d cells, want %d", n, got.Width(), want)
		}
	}
}

func TestClip(t *testing.T) {
	const id = "vs_1NuNAILkdIwHu7ixh70tMLw"
	for _, tt := range []struct {
		in, want string
		err      error
	}{
		{id, id, nil},
		{"ann_8392", "ann_8392", nil},
		{"e\u0301 中", "e\u0301 中", nil}, // the stored value, not its composed form
		{id + "\u200b\n", id, nil},
		{"\x1b[31m" + id, "", ErrUnsafeToCopy},
		{"ann\u200b_8392", "", ErrUnsafeToCopy},
		{"rm -rf /\n", "", ErrUnsafeToCopy},
		{"a\xff", "", ErrUnsafeToCopy},
		{"", "", ErrNothingToCopy},
		{strings.Repeat("a", 5000), "", ErrUnsafeToCopy},
	} {
		if got, err := Clip(tt.in); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Clip(%+q) = %q, %v; want %q, %v", tt.in, got, err, tt.want, tt.err)
		}
	}
}
