package term

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// typed is what a splitter makes of pieces that come some time after another, and
// of a long silence behind them.
func typed(gap time.Duration, pieces ...string) []token {
	var s splitter
	at := time.Unix(0, 0)
	for _, p := range pieces {
		s.feed(at, []byte(p))
		at = at.Add(gap)
	}
	s.pass(at.Add(time.Minute))
	return s.take()
}

func say(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		fmt.Fprintf(&b, "%s%q ", []string{"key", "answer", "paste", "noise", "rest"}[t.kind], t.text)
	}
	return strings.TrimSpace(b.String())
}

// answers are what terminals answer and tell.
var answers = map[string]string{
	"background, ended by BEL": "\x1b]11;rgb:0000/1111/2222\a",
	"background, ended by ST":  "\x1b]11;rgb:0000/1111/2222\x1b\\",
	"synchronized output":      "\x1b[?2026;2$y",
	"kitty keys":               "\x1b[?1u",
	"attributes":               "\x1b[?62;22;52c",
	"cursor":                   "\x1b[?12;40R",
	"focus":                    "\x1b[I",
	"blur":                     "\x1b[O",
	"wheel":                    "\x1b[<65;12;7M",
	"wheel of old":             "\x1b[Ma*r",
	"size":                     "\x1b[48;24;80;480;800t",
	"version":                  "\x1bP>|XTerm(390)\x1b\\",
	"capability":               "\x1bP1+r524742=38\x1b\\",
}

// pressedKeys are keys that are sequences, and what is handed on for them.
var pressedKeys = map[string]string{
	"\x1b[A": "\x1b[A", "\x1b[1;2B": "\x1b[1;2B", "\x1bOA": "\x1bOA", "\x1b[5~": "\x1b[5~", "\x1b[[A": "\x1b[[A", "\x1b[Z": "\x1b[Z",
	"\x1b[106;5u": "\x1b[106;5u", "\x1bj": "\x1b[106;3u", "\x1b\x7f": "\x1b[127;3u", "\x1b\r": "\x1b[13;3u", "\x1b\x01": "\x1b[97;7u",
	"\x1bé": "\x1b[233;3u", "é": "é", "世": "世", "\x03": "\x03", "\r": "\r",
}

// TestAnAnswerIsNoKey, wherever it is cut, and with up to half a second between.
func TestAnAnswerIsNoKey(t *testing.T) {
	for what, text := range answers {
		for cut := range len(text) {
			if cut == 1 { // an escape alone is a key, if nothing comes for a while
				continue
			}
			for _, gap := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 499 * time.Millisecond} {
				if got := typed(gap, text[:cut], text[cut:]); len(got) != 1 || got[0].kind != answer || string(got[0].text) != text {
					t.Errorf("%s, cut at %d, %s between: %s", what, cut, gap, say(got))
				}
			}
		}
		if got := typed(300*time.Millisecond, append([]string{text[:2]}, strings.Split(text[2:], "")...)...); len(got) != 1 || got[0].kind != answer {
			t.Errorf("%s, byte by byte: %s", what, say(got))
		}
		if got := typed(0, text[:1], text[1:]); len(got) != 1 || got[0].kind != answer {
			t.Errorf("%s, cut behind its escape: %s", what, say(got))
		}
	}
}

// TestAnAnswerWithoutItsEndIsDropped whole; the key behind it is one.
func TestAnAnswerWithoutItsEndIsDropped(t *testing.T) {
	for what, text := range answers {
		for cut := 2; cut < len(text); cut++ {
			if strings.HasPrefix(text, "\x1bP") && cut == len(text)-1 || strings.HasSuffix(text, "\x1b\\") && cut == len(text)-1 {
				continue // an escape: its rest may still come
			}
			if got := say(typed(501*time.Millisecond, text[:cut], "j")); got != `noise"" key"j" rest""` {
				t.Errorf("%s, cut at %d: %s", what, cut, got)
			}
		}
	}
	for _, text := range []string{"\x1b]11;rgb:00", "\x1bP>|XTe", "\x1b_Gi=1", "\x1b[1;2", "\x1b]11;rgb:00\x1b"} {
		if got := say(typed(100*time.Millisecond, text, "\x03")); !strings.HasSuffix(got, `key"\x03" rest""`) || !strings.HasPrefix(got, "noise") {
			t.Errorf("%q, then ctrl+c: %s", text, got)
		}
	}
}

// TestKeysAreWhole wherever they are cut.
func TestKeysAreWhole(t *testing.T) {
	for text, want := range pressedKeys {
		for cut := range len(text) {
			gap := 300 * time.Millisecond
			if cut == 1 && text[0] == esc {
				gap = 30 * time.Millisecond
			}
			got := typed(gap, text[:cut], text[cut:])
			if len(got) != 2 || got[0].kind != keys || string(got[0].text) != want || got[1].kind != rest {
				t.Errorf("%q, cut at %d: %s", text, cut, say(got))
			}
		}
	}
}

func TestALoneEscapeIsAKey(t *testing.T) {
	for pieces, want := range map[string]string{
		"\x1b": `key"\x1b[27;1u" rest""`, "\x1b|j": `key"\x1b[27;1u" key"j" rest""`, "\x1b\x1b": `key"\x1b[27;1u" key"\x1b[27;1u" rest""`,
		"\x1b|\x1b[A": `key"\x1b[27;1u" key"\x1b[A" rest""`,
	} {
		if got := say(typed(escTime, strings.Split(pieces, "|")...)); got != want {
			t.Errorf("%q: %s", pieces, got)
		}
	}
}

// TestATornPasteLeavesNobodyDeaf: its end is cut at every byte, or never comes.
func TestATornPasteLeavesNobodyDeaf(t *testing.T) {
	whole := pasteStart + "oh yes\x1b]0;x\a" + pasteEnd
	for cut := range len(whole) {
		if cut == 1 {
			continue
		}
		got := say(typed(300*time.Millisecond, whole[:cut], whole[cut:], "j"))
		if want := `noise"" noise"" paste"oh yes]0;x" key"j" rest""`; got != want {
			t.Errorf("cut at %d: %s", cut, got)
		}
	}
	for end := range len(pasteEnd) {
		got := say(typed(heldTime, pasteStart+"oh yes"+pasteEnd[:end], "j"))
		if want := `noise"" noise"" paste"oh yes" key"j" rest""`; got != want {
			t.Errorf("its end cut at %d: %s", end, got)
		}
	}
	if got := say(typed(loneTime, pasteStart+"oh yes", "\x03")); got != `noise"" noise"" paste"oh yes" key"\x03" rest""` {
		t.Errorf("ctrl+c: %s", got)
	}
	var s splitter
	at := time.Unix(0, 0)
	s.feed(at, []byte(pasteStart))
	for range 100 { // somebody types on
		at = at.Add(400 * time.Millisecond)
		s.feed(at, []byte("j"))
	}
	if got := say(s.take()); !strings.Contains(got, `paste"jj`) || !strings.HasSuffix(got, `key"j"`) {
		t.Errorf("typed on: %s", got)
	}
}

func TestALongPasteIsCut(t *testing.T) {
	got := typed(0, pasteStart, strings.Repeat("a", 3*longestPaste), "y"+pasteEnd[:3], pasteEnd[3:]+"j")
	if len(got) != 5 || got[2].kind != pasted || len(got[2].text) > longestPaste || string(got[3].text) != "j" {
		t.Errorf("%d tokens", len(got))
	}
}

// TestPasteMarksAreNoise, where they come without each other.
func TestPasteMarksAreNoise(t *testing.T) {
	if got := say(typed(100*time.Millisecond, "y", pasteEnd)); got != `key"y" noise""` {
		t.Errorf("an end alone: %s", got)
	}
	if got := say(typed(100*time.Millisecond, "y", "\x1b[200")); got != `key"y" noise""` {
		t.Errorf("half a start: %s", got)
	}
}

// TestARestIsAfterAKeyThatWasLast: an answer in between does not count.
func TestARestIsAfterAKeyThatWasLast(t *testing.T) {
	if got := say(typed(100*time.Millisecond, "y", "\x1b[I", "\x1b]11;rgb:0/0/0\a")); got != `key"y" answer"\x1b[I" answer"\x1b]11;rgb:0/0/0\a" rest""` {
		t.Error(got)
	}
	if got := say(typed(300*time.Millisecond, "y", "e", "s")); got != `key"y" key"e" key"s" rest""` {
		t.Error(got)
	}
	if got := say(typed(300*time.Millisecond, "y", "\x1b]11;", "rgb:0/0/0\a")); got != `key"y" answer"\x1b]11;rgb:0/0/0\a" rest""` {
		t.Error(got)
	}
}

// TestWhatPretendsToBeAMark is dropped: the reader's own are written alike.
func TestWhatPretendsToBeAMark(t *testing.T) {
	for _, text := range []string{"\x1b]52;r;MA==\a", "\x1b]52;k;MA==\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\xff", "\u009b"} {
		if got := say(typed(0, text)); got != `noise""` {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// TestNoPasteIsARest: in whatever pieces a marked paste comes, none of it is a
// key, and of one without its start nothing rests before its end.
func TestNoPasteIsARest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := pasteStart + "y0003\ry" + pasteEnd
		marked := random.IntN(2) == 0
		if !marked {
			text = text[1+random.IntN(len(pasteStart)-1):]
		}
		var s splitter
		at := time.Unix(0, 0)
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			s.feed(at, []byte(rest[:n]))
			gap := random.IntN(301)
			if rest[n-1] == esc { // else it is a key
				gap = random.IntN(50)
			}
			rest, at = rest[n:], at.Add(time.Duration(gap)*time.Millisecond)
		}
		s.pass(at.Add(time.Minute))
		tokens := s.take()
		if slices.ContainsFunc(tokens, func(t token) bool { return t.kind == rest || marked && t.kind == keys }) {
			t.Fatalf("%q: %s", text, say(tokens))
		}
	}
}

// FuzzInput: any bytes in any pieces make only whole keys, the same ones in whatever pieces they
// come; nothing is held for ever; and nothing that is pasted is a key.
func FuzzInput(f *testing.F) {
	for _, text := range answers {
		f.Add([]byte(text), uint16(3), uint8(1))
	}
	for text := range pressedKeys {
		f.Add([]byte(text+"jk"+text), uint16(0), uint8(2))
	}
	for text := range typedBytes {
		f.Add([]byte(pasteStart+text+pasteEnd+text), uint16(40), uint8(5))
	}
	f.Fuzz(func(t *testing.T, text []byte, gaps uint16, piece uint8) {
		size := 1 + int(piece)%16
		feed := func(s *splitter, text []byte, gap time.Duration) time.Time {
			at := time.Unix(0, 0)
			for i, part := 0, []byte(nil); len(text) > 0; i++ {
				part, text = text[:min(size, len(text))], text[min(size, len(text)):]
				s.feed(at, part)
				at = at.Add(gap * time.Duration(i%7) / 7)
			}
			return at
		}
		whole := func(tokens []token) []token {
			for _, token := range tokens {
				for rest := token.text; token.kind == keys && len(rest) > 0; {
					n, what := measure(rest)
					if what != pressed {
						t.Fatalf("%q makes the key %q, which is none", text, token.text)
					}
					rest = rest[n:]
				}
			}
			return tokens
		}
		var s splitter
		at := feed(&s, text, time.Duration(gaps)*time.Millisecond)
		s.pass(at.Add(time.Minute))
		if len(s.held) > 0 || s.pasting {
			t.Fatalf("%q is held for ever", s.held)
		}
		whole(s.take())
		if s.feed(at.Add(2*time.Minute), []byte("j")); say(s.take()) != `key"j"` {
			t.Fatal("it is deaf")
		}

		var once, apart splitter // at one time
		once.feed(time.Unix(0, 0), text)
		feed(&apart, text, 0)
		once.pass(time.Unix(60, 0))
		apart.pass(time.Unix(60, 0))
		if one, many := say(whole(once.take())), say(whole(apart.take())); one != many {
			t.Fatalf("%q makes %s in one piece, %s in pieces", text, one, many)
		}

		body := bytes.ReplaceAll(text, []byte{3}, nil) // ctrl+c pressed by hand ends a paste
		for bytes.Contains(body, []byte(pasteEnd)) {
			body = bytes.ReplaceAll(body, []byte(pasteEnd), nil)
		}
		var paste splitter
		at = feed(&paste, []byte(pasteStart+string(body[:min(len(body), 400)])+pasteEnd), 70*time.Millisecond)
		paste.pass(at.Add(time.Minute))
		if tokens := paste.take(); slices.ContainsFunc(tokens, func(t token) bool { return t.kind == keys }) {
			t.Fatalf("the paste of %q makes %s", body, say(tokens))
		}
	})
}
