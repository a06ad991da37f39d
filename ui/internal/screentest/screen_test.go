package screentest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func draw(t *testing.T, w, h int, out string) *Screen {
	t.Helper()
	s := New(w, h)
	t.Cleanup(func() { _ = s.Close() })
	if _, err := io.WriteString(s, out); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, out, want string }{
		{"empty", "", "\n\n"},
		{"a line feed returns the carriage", "ab\ncd", "ab\ncd\n"},
		{"carriage return and line feed", "ab\r\ncd", "ab\ncd\n"},
		{"trailing spaces", "ab   \n  cd  ", "ab\n  cd\n"},
		{"colour is not text", "\x1b[31mab\x1b[0m", "ab\n\n"},
		{"cursor movement", "\x1b[3;5Hx\x1b[1;1Hy", "y\n\n    x"},
		{"erased", "abc\x1b[2J", "\n\n"},
		{"wide characters", "中a文b", "中a文b\n\n"},
		{"a cluster", "я\u0301x", "я\u0301x\n\n"},
		{"cells never written to", "\x1b[1;4Hx", "   x\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := draw(t, 10, 3, tt.out).Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLineFeedAcrossWrites(t *testing.T) {
	s := draw(t, 10, 3, "ab\r")
	fmt.Fprint(s, "\ncd")
	if got := s.Text(); got != "ab\ncd\n" {
		t.Errorf("got %q", got)
	}
}

func TestFind(t *testing.T) {
	s := draw(t, 20, 3, "one\ntwo three")
	if y, ok := s.Find("three"); y != 1 || !ok {
		t.Errorf("Find = %d, %v", y, ok)
	}
	if s.Contains("four") || !s.Contains("one") || s.Line(1) != "two three" {
		t.Error("Contains or Line")
	}
}

func TestCursor(t *testing.T) {
	s := draw(t, 20, 5, "abc\x1b[?25l")
	if x, y, shown := s.Cursor(); x != 3 || y != 0 || shown {
		t.Errorf("got %d, %d, %v", x, y, shown)
	}
	s.ShowCursor(4, 2)
	if x, y, shown := s.Cursor(); x != 4 || y != 2 || !shown {
		t.Errorf("got %d, %d, %v", x, y, shown)
	}
}

func TestTitleClipboardAltScreen(t *testing.T) {
	s := draw(t, 20, 5, "\x1b]2;idtop\x07\x1b]52;c;dnNfMTIz\x07\x1b[?1049h")
	if s.Title() != "idtop" || s.Clipboard() != "vs_123" || !s.AltScreen() {
		t.Errorf("title %q, clipboard %q, alt screen %v", s.Title(), s.Clipboard(), s.AltScreen())
	}
}

func TestResize(t *testing.T) {
	s := draw(t, 20, 5, "abc")
	s.Resize(30, 8)
	if w, h := s.Size(); w != 30 || h != 8 || strings.Count(s.Text(), "\n") != 7 || s.Line(0) != "abc" {
		t.Errorf("%dx%d: %q", w, h, s.Text())
	}
}

// Queries are answered, and nobody reads the answers: it must not block.
func TestQueriesDoNotBlock(t *testing.T) {
	s := draw(t, 20, 5, strings.Repeat("\x1b[6n\x1b[c\x1b[?2026$p", 1000)+"done")
	if !s.Contains("done") {
		t.Errorf("got %q", s.Text())
	}
}

func TestCloseInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(20, 5)
		fmt.Fprint(s, "\x1b[6nabc")
		time.Sleep(time.Hour)
		synctest.Wait()
		_ = s.Close()
		_ = s.Close()
		if s.Line(0) != "abc" {
			t.Errorf("after Close: %q", s.Text())
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	s := New(20, 5)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			fmt.Fprintf(s, "\x1b[Hline %d\x1b[6n", i)
		}
	}()
	for range 50 {
		_, _, _ = s.Text(), s.SVG(), s.At(1, 1)
	}
	<-done
	_ = s.Close()
}

func TestRender(t *testing.T) {
	s := Render("\x1b[1mabcdefgh\x1b[0m\nx\n\nfour", 5, 3)
	if got := s.Text(); got != "abcde\nx\n" {
		t.Errorf("got %q", got)
	}
	if _, _, shown := s.Cursor(); shown {
		t.Error("the cursor is shown")
	}
	full := Render("abcde\nfghij\nklmno", 5, 3)
	if got := full.Text(); got != "abcde\nfghij\nklmno" {
		t.Errorf("a full screen scrolled: %q", got)
	}
}

func TestAt(t *testing.T) {
	s := draw(t, 10, 1, "\x1b[1;38;2;255;123;133;48;5;4ma\x1b[0;7mb\x1b[0m中")
	want := Cell{Text: "a", Width: 1, Style: Style{Fg: "#ff7b85", Bg: "#82aaff", Bold: true}}
	if got := s.At(0, 0); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := s.At(1, 0); !got.Reversed {
		t.Errorf("got %+v, want it reversed", got)
	}
	if a, b := s.At(2, 0), s.At(3, 0); a.Width != 2 || b.Width != 0 || b.Text != "" {
		t.Errorf("a wide character is %+v and %+v", a, b)
	}
	if got := s.At(99, 99); got != (Cell{Text: " ", Width: 1}) {
		t.Errorf("off the screen: %+v", got)
	}
}

func TestSVG(t *testing.T) {
	const out = "\x1b[38;2;130;170;255midtop\x1b[0m a<b&c  d\n" +
		"\x1b[48;2;27;36;54m ▸ \x1b[1m✗ failed\x1b[22m    \x1b[0m\n" +
		"\x1b[48;2;27;36;54m   \x1b[2mquiet\x1b[22m       \x1b[0m\n──────│"
	s := draw(t, 20, 6, out)
	svg := s.SVG()
	if svg != draw(t, 20, 6, out).SVG() {
		t.Error("two pictures of the same screen differ")
	}
	if err := wellFormed(svg); err != nil {
		t.Errorf("%v in\n%s", err, svg)
	}
	for _, want := range []string{
		`fill="#82aaff">idtop</text>`, `>a&lt;b&amp;c</text>`, `font-weight="bold">failed</text>`,
		`<rect x="0" y="20" width="144" height="40" fill="#1b2436"/>`, // one for both rows
		`<rect x="0" y="69.25" width="57.6" height="1.5"`,             // one for the line
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	if s.SVGLight() == svg {
		t.Error("light is dark")
	}
}

func TestSVGIsSmall(t *testing.T) {
	var b strings.Builder
	for range 40 {
		fmt.Fprintf(&b, "\x1b[38;2;255;123;133m✗ failed\x1b[0m      %-32s document expired    2   3m\n", "ann_8392")
	}
	if n := len(draw(t, 120, 40, b.String()).SVG()); n > 25_000 {
		t.Errorf("a plain screen takes %d bytes", n)
	}
}

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
