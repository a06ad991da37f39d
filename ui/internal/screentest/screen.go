// Package screentest shows tests what a person would see: it reads the output of
// the program as a terminal does and returns the grid of characters, as text to
// compare and as a picture.
//
// Its one rule: it takes the place of a terminal and knows nothing of the program,
// so a test that passes here has looked at the screen and not at the code. Only
// tests of ui and of ui/cli import it.
package screentest

import (
	"encoding/base64"
	"io"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Screen is a terminal's screen. Two things differ from a real one: widths are
// those of grapheme clusters, and a combining mark after an ASCII letter is
// lost.
//
// One goroutine may write to it while another looks at it. It keeps a goroutine
// until Close.
type Screen struct {
	mu        sync.Mutex
	em        *vt.Emulator
	last      byte // last byte written
	shown     bool // the cursor is shown
	title     string
	clipboard string
	modes     map[int]bool // that the program has set
	drained   chan struct{}
	close     sync.Once
}

// New returns an empty screen of w columns and h lines. Close it.
func New(w, h int) *Screen {
	s := &Screen{em: vt.NewEmulator(w, h), shown: true, modes: map[int]bool{}, drained: make(chan struct{})}
	s.em.SetCallbacks(vt.Callbacks{
		CursorVisibility: func(visible bool) { s.shown = visible },
		Title:            func(title string) { s.title = title },
		EnableMode:       func(mode ansi.Mode) { s.modes[mode.Mode()] = true },
		DisableMode:      func(mode ansi.Mode) { delete(s.modes, mode.Mode()) },
	})
	s.em.RegisterOscHandler(52, s.copied)
	// A terminal answers queries; the next write blocks until the answers are read.
	go func() {
		defer close(s.drained)
		_, _ = io.Copy(io.Discard, s.em)
	}()
	return s
}

// Render returns a screen that shows the content of a tea.View in the way
// Bubble Tea does, lines cut at the right and at the bottom. It is closed
// already, and its cursor is hidden.
func Render(content string, w, h int) *Screen {
	s := New(w, h)
	defer s.Close()
	lines := strings.Split(content, "\n")
	for i, line := range lines[:min(h, len(lines))] {
		lines[i] = ansi.Truncate(line, w, "")
	}
	_, _ = io.WriteString(s, "\x1b[?25l"+strings.Join(lines[:min(h, len(lines))], "\n"))
	return s
}

// Write takes output of the program. A line feed also returns the carriage, as in a
// terminal's line discipline.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]byte, 0, len(p)+16)
	for _, b := range p {
		if b == '\n' && s.last != '\r' {
			out = append(out, '\r')
		}
		out = append(out, b)
		s.last = b
	}
	if _, err := s.em.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close ends the screen's goroutine and waits for it. The screen can still be read.
func (s *Screen) Close() error {
	s.close.Do(func() {
		// Not em.Close, which races with the goroutine that reads.
		if in, ok := s.em.InputPipe().(io.Closer); ok {
			_ = in.Close()
		}
		<-s.drained
	})
	return nil
}

// Resize changes the size, as a person does by dragging the window. The
// program has to be told by other means.
func (s *Screen) Resize(w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.em.Resize(w, h)
}

// Size returns columns and lines.
func (s *Screen) Size() (w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.em.Width(), s.em.Height()
}

// Text returns the characters on the screen: one line per line of the screen,
// also of the empty ones at the bottom, without spaces at their ends.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := make([]string, s.em.Height())
	for y := range lines {
		lines[y] = s.line(y)
	}
	return strings.Join(lines, "\n")
}

// Line returns line y, counted from 0, without spaces at its end.
func (s *Screen) Line(y int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(y)
}

func (s *Screen) line(y int) string {
	var b strings.Builder
	for x := 0; x < s.em.Width(); x++ {
		c := s.em.CellAt(x, y)
		switch {
		case c == nil || c.Width == 1 && c.Content == "":
			b.WriteByte(' ')
		default: // the second cell of a wide character is empty
			b.WriteString(c.Content)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// Contains reports whether a line of the screen contains text.
func (s *Screen) Contains(text string) bool {
	_, ok := s.Find(text)
	return ok
}

// Find returns the first line of the screen that contains text.
func (s *Screen) Find(text string) (y int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for y := range s.em.Height() {
		if strings.Contains(s.line(y), text) {
			return y, true
		}
	}
	return 0, false
}

// Cursor returns where the cursor is and whether it is shown.
func (s *Screen) Cursor() (x, y int, shown bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.em.CursorPosition()
	return at.X, at.Y, s.shown
}

// ShowCursor puts the cursor at a place and shows it: for pictures of a rendered
// tea.View, which keeps its cursor apart from its content.
func (s *Screen) ShowCursor(x, y int) {
	_, _ = io.WriteString(s, ansi.CursorPosition(x+1, y+1)+ansi.SetModeTextCursorEnable)
}

// AltScreen reports whether the alternate screen is shown.
func (s *Screen) AltScreen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.em.IsAltScreen()
}

// The modes in which a terminal gives the mouse to the program: clicks and drags, and
// every movement.
const (
	MouseClicks    = 1002
	MouseMovements = 1003
)

// Mode reports whether the program has set a mode of the terminal.
func (s *Screen) Mode(mode int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modes[mode]
}

// Title returns the window title the program set last.
func (s *Screen) Title() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.title
}

// Clipboard returns what the program put on the clipboard last (OSC 52).
func (s *Screen) Clipboard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clipboard
}

// copied takes "52;c;<base64>"; it is called while the mutex is held.
func (s *Screen) copied(data []byte) bool {
	_, payload, ok := strings.Cut(strings.TrimPrefix(string(data), "52;"), ";")
	if !ok {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return false
	}
	s.clipboard = string(text)
	return true
}
