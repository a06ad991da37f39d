package safe

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// checkComposed holds composition to what it may do: put the parts of
// characters together and in order. None is lost or added, not even one that
// can't be seen, and the flags stay with their parts.
func checkComposed(t *testing.T, s string, idx []int) {
	t.Helper()
	s, _ = bound(s)
	given := decode(s, ascending(idx), nil)
	composed := compose(s, given)
	all, flagged := parts(given)
	gotAll, gotFlagged := parts(composed)
	for p, n := range gotAll {
		if all[p] != n {
			t.Errorf("%+q: %d of %+q become %d", s, all[p], p.r, n)
		}
	}
	if len(all) != len(gotAll) {
		t.Errorf("%+q: parts are lost: %+q", s, runes(composed))
	}
	matched, whole := 0, 0
	for p, n := range flagged {
		matched += n
		if gotFlagged[p] < n {
			t.Errorf("%+q: %d of %+q were matched, %d are", s, n, p.r, gotFlagged[p])
		}
	}
	for _, it := range composed {
		if it.match {
			whole++
		}
	}
	if whole > matched {
		t.Errorf("%+q: %d parts were matched, %d characters are", s, matched, whole)
	}
}

// parts counts what the items are composed of, and how much of it is flagged.
func parts(items []item) (all, flagged map[item]int) {
	all, flagged = map[item]int{}, map[item]int{}
	for _, it := range items {
		from := string(it.r)
		if it.composes() {
			from = apart(it.r)
		}
		for _, r := range from {
			p := item{r: r, invalid: it.invalid}
			all[p]++
			if it.match {
				flagged[p]++
			}
		}
	}
	return all, flagged
}

func runes(items []item) string {
	var b strings.Builder
	for _, it := range items {
		b.WriteRune(it.r)
	}
	return b.String()
}

// Every character that composition changes, alone and in piles: norm must
// never break a pile up by a character of its own, and up to maxSegment the
// result is Unicode's.
func TestEveryCharacterComposes(t *testing.T) {
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		base := properties(r).BoundaryBefore()
		if !isAllowed(r) || base && apart(r) == string(r) {
			continue
		}
		c := string(r)
		like := []string{c, "a" + c, c + "\u0301"}
		if !base {
			like = append(like, "ᾂ"+strings.Repeat(c, maxSegment-1)+"b")
			checkComposed(t, "a"+strings.Repeat(c, 40), []int{3, 4, 5, 60})
		}
		for _, s := range like {
			if got, want := runes(compose(s, decode(s, nil, nil))), norm.NFC.String(s); got != want {
				t.Errorf("%+q becomes %+q, want %+q", s, got, want)
			}
			checkComposed(t, s, []int{0, 4})
		}
	}
}

// Nothing that is spelled out takes part in composition: segments end before
// it, and leaving it as it came changes nothing around it.
func TestWhatIsSpelledOutDoesNotCompose(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if p := properties(r); utf8.ValidRune(r) && !isAllowed(r) && (p.CCC() != 0 || !p.BoundaryBefore()) {
			t.Errorf("%U composes", r)
		}
	}
}

// Values that look the same are drawn the same, however they are encoded.
func TestEncodingsOfTheSameAreDrawnTheSame(t *testing.T) {
	for _, s := range []string{"Zoë Müller", "Příliš žluťoučký kůň úpěl ďábelské ódy", "Việt Nam", "ᾂδω", "한국어", "क़ख़", "שּׁלום", "ΐ"} {
		nfc := Line(norm.NFC.String(s))
		nfd := Line(norm.NFD.String(s))
		if nfc.String() != nfd.String() || nfc.Width() != nfd.Width() || nfc.Foreign() != nfd.Foreign() {
			t.Errorf("%+q is drawn as %+q or %+q", s, nfc, nfd)
		}
	}
}
