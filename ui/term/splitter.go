package term

import (
	"bytes"
	"time"
	"unicode"
	"unicode/utf8"
)

// How long the splitter waits for the rest of an input.
const (
	escTime  = 50 * time.Millisecond  // an escape alone is a key after that
	heldTime = 500 * time.Millisecond // an unfinished sequence is dropped after that, and a paste ends
	longTime = 30 * time.Second       // the longest duration of a paste or a sequence
	restTime = 350 * time.Millisecond // longer than a slow line pauses within a paste
	loneTime = 40 * time.Millisecond  // a key that came this long after any other was pressed by hand
)

// Longer pastes are cut, longer sequences dropped.
const (
	longestPaste    = 64 << 10
	longestSequence = 64 << 10
)

const (
	esc        = 0x1b
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// kind is the kind of a token.
type kind uint8

const (
	keys   kind = iota // one or more, or a click of a mouse
	answer             // an answer or a report of the terminal
	pasted             // a paste, without its marks
	noise              // something was dropped
	rest               // nothing came for a while after a key
)

// token is one whole input of a terminal.
type token struct {
	kind kind
	at   time.Time
	text []byte
}

// splitter makes tokens of bytes and times. It has no clock of its own.
type splitter struct {
	out []token

	held    []byte    // the beginning of an unfinished input
	began   time.Time // when held began
	last    time.Time // when the last byte came
	pasting bool

	resting time.Time // when the last key came that still needs its rest, or zero
}

// feed takes bytes and the time of their arrival. It first ends the waits that ran
// out before.
func (s *splitter) feed(at time.Time, text []byte) {
	s.pass(at)
	if s.pasting && len(text) == 1 && text[0] == 3 && at.Sub(s.last) >= loneTime { // ctrl+c, pressed by hand
		s.endPaste(at)
	}
	s.last = at
	if len(s.held) == 0 && !s.pasting {
		s.began = at
	}
	s.held = append(s.held, text...)
	s.split(at)
}

// due tells when the present wait ends; ok is false when there is none.
func (s *splitter) due() (at time.Time, ok bool) {
	switch {
	case len(s.held) == 1 && s.held[0] == esc && !s.pasting:
		return s.last.Add(escTime), true
	case len(s.held) > 0 || s.pasting:
		return earlier(s.last.Add(heldTime), s.began.Add(longTime)), true
	case !s.resting.IsZero():
		return s.resting.Add(restTime), true
	}
	return time.Time{}, false
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// pass ends the waits that ran out before now.
func (s *splitter) pass(now time.Time) {
	for {
		at, ok := s.due()
		if !ok || at.After(now) {
			return
		}
		switch {
		case s.pasting:
			s.endPaste(at)
		case len(s.held) == 1 && s.held[0] == esc:
			s.held = nil
			s.put(keys, s.last, keyOf(esc, 0))
		case len(s.held) > 0:
			s.held = nil
			s.put(noise, at, nil)
		default:
			s.resting = time.Time{}
			s.put(rest, at, nil)
		}
	}
}

func (s *splitter) put(kind kind, at time.Time, text []byte) {
	switch kind {
	case keys:
		s.resting = at
	case noise:
		s.resting = time.Time{}
	}
	if last := len(s.out) - 1; kind == keys && last >= 0 && s.out[last].kind == keys && s.out[last].at.Equal(at) &&
		text[0] != esc && s.out[last].text[0] != esc {
		s.out[last].text = append(s.out[last].text, text...) // letters that came together
		return
	}
	s.out = append(s.out, token{kind, at, bytes.Clone(text)})
}

// take returns the finished tokens.
func (s *splitter) take() []token {
	out := s.out
	s.out = nil
	return out
}

// split makes tokens of the whole inputs among the held bytes.
func (s *splitter) split(at time.Time) {
	for len(s.held) > 0 {
		if s.pasting {
			if !s.pasteOn(at) {
				return
			}
			continue
		}
		n, what := measure(s.held)
		if what == unfinished {
			if len(s.held) > longestSequence {
				s.held = nil
				s.put(noise, at, nil)
			}
			return
		}
		whole := s.held[:n]
		s.held, s.began = s.held[n:], at
		switch {
		case string(whole) == pasteStart:
			s.pasting = true
			s.put(noise, at, nil)
		case string(whole) == pasteEnd || what == broken:
			s.put(noise, at, nil)
		case what == told:
			s.put(answer, at, whole)
		case what == pressed:
			s.put(keys, at, plain(whole))
		}
	}
	s.held = nil
}

// pasteOn looks for the end of a paste in the held bytes, and tells whether it
// found it.
func (s *splitter) pasteOn(at time.Time) bool {
	if end := bytes.Index(s.held, []byte(pasteEnd)); end >= 0 {
		after := bytes.Clone(s.held[end+len(pasteEnd):])
		s.held = s.held[:end]
		s.endPaste(at)
		s.held = after
		return true
	}
	if over := len(s.held) - longestPaste - len(pasteEnd); over > 0 { // the last bytes may be the beginning of the end mark
		tail := bytes.Clone(s.held[len(s.held)-len(pasteEnd):])
		s.held = append(s.held[:longestPaste], tail...)
	}
	return false
}

// endPaste passes on the pasted text, without control characters and without the
// beginning of an end mark.
func (s *splitter) endPaste(at time.Time) {
	text := s.held
	for n := len(pasteEnd) - 1; n > 0; n-- {
		if bytes.HasSuffix(text, []byte(pasteEnd[:n])) {
			text = text[:len(text)-n]
			break
		}
	}
	text = bytes.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, text[:min(len(text), longestPaste)])
	s.held, s.pasting = nil, false
	s.put(noise, at, nil)
	s.put(pasted, at, text)
}
