package safe

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

var sessionID = regexp.MustCompile(`^vs_[A-Za-z0-9_]{8,255}$`)

// Errors of Clip. They hold nothing of the text they refuse.
var (
	ErrNothingToCopy = errors.New("there is nothing to copy")
	ErrUnsafeToCopy  = errors.New("the text has invisible or control characters, so it is not copied")
)

// UserIDQuoted returns a user_id in double quotes with everything outside
// printable ASCII as Go escapes, so that two ids that look alike are told
// apart. Dialogs that destroy show it.
func UserIDQuoted(s string) Text {
	q := quote(s)
	return Text{s: q, width: len(q)}
}

// Quote returns s for a log, a JSON line or the text of a panic: in double
// quotes, ASCII only.
func Quote(s string) string { return quote(s) }

func quote(s string) string {
	s, long := bound(s)
	q := strconv.QuoteToASCII(s)
	if long {
		q += "..."
	}
	return q
}

// CSV returns s as the content of a CSV cell; no two texts have the same cell. A cell that a
// spreadsheet would take for a formula, or that begins with a ', gets a ' in front.
// A control character is written as \n, \r, \t or \u and four hex digits, so that
// no raw one reaches the reader of a pipe; in a cell that has one, or that reads as
// if it had, each backslash is doubled. Quoting is left to encoding/csv.
func CSV(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	formula := strings.ContainsRune("=+-@'\t\r\n＝＋－＠", first) && s != ""
	if strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, `\`) && csvEscape.MatchString(s) {
		var b strings.Builder
		for _, r := range s {
			switch {
			case r == '\\':
				b.WriteString(`\\`)
			case r == '\n':
				b.WriteString(`\n`)
			case r == '\r':
				b.WriteString(`\r`)
			case r == '\t':
				b.WriteString(`\t`)
			case unicode.IsControl(r):
				fmt.Fprintf(&b, `\u%04x`, r)
			default:
				b.WriteRune(r)
			}
		}
		s = b.String()
	}
	if formula {
		return "'" + s
	}
	return s
}

// csvEscape is how one character is written in a cell.
var csvEscape = regexp.MustCompile(`\\(\\|n|r|t|u[0-9a-f]{4})`)

// JSON returns a JSON text in ASCII: every other character, and DEL, is written as
// \uXXXX, so that none moves a terminal's cursor or hides.
func JSON(object []byte) string {
	var b strings.Builder
	for _, r := range string(object) {
		switch {
		case r < 0x7f:
			b.WriteByte(byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// maxErrorBody is how much of an HTTP error body is shown, in characters: it
// may be the page of a proxy.
const maxErrorBody = 200

// ErrorBody returns the first 200 characters of the body of an HTTP error as
// one line.
func ErrorBody(s string) Text {
	n := 0
	for chars := 0; chars < maxErrorBody && n < len(s); chars++ {
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
	}
	if n == len(s) {
		return Line(s)
	}
	return Concat(Line(s[:n]), cutMark())
}

// Clip returns the clipboard's text for s, which is s itself: a search needs the
// stored value. Text with a character that
// can't be drawn is refused, since a paste into a shell would run it; only a
// session id is freed of such characters, as nothing but the id is left then.
func Clip(s string) (string, error) {
	if s == "" {
		return "", ErrNothingToCopy
	}
	if len(s) > maxBytes {
		return "", ErrUnsafeToCopy
	}
	clean := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !isAllowed(r) {
			return -1
		}
		return r
	}, s)
	if clean == s || sessionID.MatchString(clean) {
		return clean, nil
	}
	return "", ErrUnsafeToCopy
}
