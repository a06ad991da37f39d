//go:build unix

package ui_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"golang.org/x/term"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/ui/internal/screentest"
	"idtop/ui/safe"
)

// Every string field of every object of the API, in every view, with every hostile
// string: the program runs twice, with a server that puts a hostile string into each
// field, and with one that puts harmless text of the same width there. Its output goes
// through a pty to a terminal that knows only the sequences that the program needs. All
// that is not the text itself is the same on both screens.
//
// The short form shows each field in each view with a share of the strings. With
// IDTOP_HOSTILE=all each field meets 320 strings of all kinds in each view of a session.

// hostileWorld rewrites what the emulator answers.
type hostileWorld struct {
	strings  []string
	number   map[string]int // of each session, by its id: the newest is 0
	account  int            // the strings of the account are those of the session of this number
	harmless bool
	mu       sync.Mutex
	shown    map[string]bool // the fields that were filled
}

// structural are the fields that decide what becomes of an object. They are hostile in
// a few sessions only: the others would be seen nowhere then.
var structural = []string{"status", "type", "object", "last_verification_report", "url", "id", "verification_session", "report", "selfie_status"}

// text is the hostile or harmless string of a field of a session.
func (h *hostileWorld) text(session int, field string) string {
	s := h.strings[(session+ordinal(field))%len(h.strings)]
	if h.harmless {
		return harmlessFor(string([]rune(s))) // as JSON is read: each byte that is none of UTF-8 is U+FFFD
	}
	return s
}

// refusal is a text in an error, of which 200 characters are shown.
func (h *hostileWorld) refusal(n int) string {
	runes := []rune(h.strings[n%len(h.strings)])
	s := string(runes[:min(20, len(runes))])
	if h.harmless {
		return harmlessFor(strings.Join(strings.Fields(s), " ")) // white space is one blank in an error
	}
	return s
}

func ordinal(field string) int {
	sum := fnv.New32a()
	io.WriteString(sum, field)
	return int(sum.Sum32() % 100_003)
}

// The harmless text has these in the place of what is drawn.
const narrowFill, wideFill, foreignFill = "~", "囲", "ø"

// word matches what is a code, a key or a type by its form: that is harmless.
var word = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// harmlessFor is text that is drawn with the width of s, with its blanks, and with a
// badge if s has one.
func harmlessFor(s string) string {
	if word.MatchString(s) {
		return s
	}
	drawn := safe.Line(s)
	var b strings.Builder
	for rest := drawn.String(); rest != ""; {
		c, _ := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[len(c):]
		switch width := safe.Line(c).Width(); {
		case c == " ":
			b.WriteString(" ")
		case width%2 == 0:
			b.WriteString(strings.Repeat(wideFill, width/2))
		default:
			b.WriteString(strings.Repeat(narrowFill, width))
		}
	}
	fill := b.String()
	switch is := safe.Line(fill).Foreign(); {
	case drawn.Foreign() && !is:
		fill = strings.Replace(fill, narrowFill, foreignFill, 1)
	case !drawn.Foreign() && is: // what is spelled out has no badge
		fill = strings.ReplaceAll(fill, wideFill, narrowFill+narrowFill)
	}
	return fill
}

// answer fills the strings of an answer.
func (h *hostileWorld) answer(path string, body []byte) []byte {
	var tree any
	if !strings.HasPrefix(path, "/v1/") || json.Unmarshal(body, &tree) != nil {
		return body
	}
	h.mu.Lock() // several requests are answered at once
	defer h.mu.Unlock()
	h.fill(tree, -1, "")
	var out bytes.Buffer
	writeRaw(&out, tree)
	return out.Bytes()
}

// fill fills an object, which belongs to a session, or to none yet.
func (h *hostileWorld) fill(at any, session int, field string) {
	switch at := at.(type) {
	case []any:
		for _, e := range at {
			h.fill(e, session, field)
		}
	case map[string]any:
		kind, _ := at["object"].(string)
		for _, name := range []string{"id", "verification_session"} {
			if id, ok := at[name].(string); ok {
				if n, ok := h.number[id]; ok {
					session = n
				}
			}
		}
		if kind != "" {
			field = kind
		}
		if kind == "account" {
			session = h.account
		}
		for _, name := range slices.Sorted(maps.Keys(at)) {
			h.member(at, name, session, field+"."+name)
		}
		if kind == "identity.verification_session" && session >= 0 {
			for _, name := range []string{"client_reference_id", "related_customer"} {
				h.put(at, name, session, kind+"."+name)
			}
			details := map[string]any{}
			for _, name := range []string{"email", "phone"} {
				h.put(details, name, session, kind+".provided_details."+name)
			}
			at["provided_details"] = details
			metadata := map[string]any{"user_id": h.text(session, kind+".metadata.user_id") + fmt.Sprintf("_%03d", session)}
			for _, name := range []string{"first", "second"} {
				metadata["z"+name[:1]+h.text(session, kind+".metadata key "+name)] = h.text(session, kind+".metadata."+name)
				h.shown[kind+".metadata key "+name], h.shown[kind+".metadata."+name] = true, true
			}
			h.shown[kind+".metadata.user_id"] = true
			at["metadata"] = metadata
		}
	}
}

func (h *hostileWorld) member(at map[string]any, name string, session int, field string) {
	text, isText := at[name].(string)
	switch {
	case !isText:
		h.fill(at[name], session, field)
	case session < 0, text == "":
	case !slices.Contains(structural, name):
		h.put(at, name, session, field)
	case session%17 == ordinal(field)%17 && name != "object" && name != "verification_session" && (name != "id" || session == 13):
		h.put(at, name, session, field)
	}
}

func (h *hostileWorld) put(at map[string]any, name string, session int, field string) {
	at[name] = h.text(session, field)
	h.shown[field] = true
}

// writeRaw writes JSON as a hostile server would: with bytes that are not UTF-8.
func writeRaw(out *bytes.Buffer, at any) {
	quoted := func(s string) {
		out.WriteByte('"')
		for i := range len(s) {
			switch b := s[i]; {
			case b < 0x20, b == '"', b == '\\':
				fmt.Fprintf(out, `\u%04x`, b)
			default:
				out.WriteByte(b)
			}
		}
		out.WriteByte('"')
	}
	switch at := at.(type) {
	case string:
		quoted(at)
	case map[string]any:
		out.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(at)) {
			if i > 0 {
				out.WriteByte(',')
			}
			quoted(name)
			out.WriteByte(':')
			writeRaw(out, at[name])
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, e := range at {
			if i > 0 {
				out.WriteByte(',')
			}
			writeRaw(out, e)
		}
		out.WriteByte(']')
	default:
		text, _ := json.Marshal(at)
		out.Write(text)
	}
}

// wire is a pty: what the program writes to one end comes out of the other, where a
// terminal's parser looks at every sequence.
type wire struct {
	in, out *os.File
	screen  *screentest.Screen
	parser  *ansi.Parser
	strange map[string]int  // what the terminal must not get, and how often it came
	colours map[string]bool // the styles that it got

	mu      sync.Mutex
	arrived []byte
}

// newWire opens a pty. Its reader is outside of the bubble, where time is real.
func newWire(t *testing.T) *wire {
	out, in, err := pty.Open()
	if err == nil {
		_, err = term.MakeRaw(int(in.Fd()))
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{in: in, out: out, strange: map[string]int{}, colours: map[string]bool{}}
	w.watch()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		piece := make([]byte, 64<<10)
		for {
			n, err := out.Read(piece)
			if err != nil {
				return
			}
			w.mu.Lock()
			w.arrived = append(w.arrived, piece[:n]...)
			w.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		in.Close()
		<-ended
		out.Close()
	})
	return w
}

// Write returns when the terminal has drawn all.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.in.Write(p)
	for left := n; err == nil && left > 0; {
		w.mu.Lock()
		arrived := w.arrived
		w.arrived = nil
		w.mu.Unlock()
		for _, b := range arrived {
			w.parser.Advance(b)
		}
		w.screen.Write(arrived)
		if left -= len(arrived); len(arrived) == 0 {
			runtime.Gosched()
		}
	}
	return n, err
}

// What Bubble Tea needs to draw a screen: everything else is a violation. Colours are
// those that the harmless screens have too.
var (
	allowedControls  = "\r\n\b\t"
	allowedSequences = map[string]bool{
		"A": true, "B": true, "C": true, "D": true, "G": true, "H": true, "d": true, "r": true, "S": true, "T": true,
		"J": true, "K": true, "X": true, "P": true, "@": true, "L": true, "M": true, "b": true, " q": true,
		"?h 7": true, "?l 7": true, "?h 25": true, "?l 25": true, "?h 1049": true, "?l 1049": true,
		"?h 1004": true, "?l 1004": true, "?h 2004": true, "?l 2004": true, "ESC M": true,
	}
)

func (w *wire) watch() {
	strange := func(format string, args ...any) { w.strange[fmt.Sprintf(format, args...)]++ }
	marks := 0
	w.parser = ansi.NewParser()
	w.parser.SetHandler(ansi.Handler{
		Print: func(r rune) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Zs, r) && r != ' ' ||
				unicode.In(r, unicode.Bidi_Control, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || !utf8.ValidRune(r) {
				strange("the character %U", r)
			}
			if marks++; !unicode.Is(unicode.M, r) {
				marks = 0
			} else if marks > 2 {
				strange("%d marks on a letter", marks)
			}
		},
		Execute: func(b byte) {
			if !strings.ContainsRune(allowedControls, rune(b)) {
				strange("the control character %#x", b)
			}
		},
		HandleCsi: func(cmd ansi.Cmd, params ansi.Params) {
			name := string(cmd.Final())
			if i := cmd.Intermediate(); i != 0 {
				name = string(rune(i)) + name
			}
			if p := cmd.Prefix(); p != 0 {
				name = string(rune(p)) + name
			}
			switch {
			case name == "m":
				w.styled(params)
			case strings.ContainsAny(name, "hl"):
				for i := range len(params) {
					if n, _, _ := params.Param(i, 0); !allowedSequences[fmt.Sprintf("%s %d", name, n)] {
						strange("CSI %s %d", name, n)
					}
				}
			case !allowedSequences[name]:
				strange("CSI %s", name)
			}
		},
		HandleEsc: func(cmd ansi.Cmd) {
			if name := fmt.Sprintf("ESC %c", cmd.Final()); !allowedSequences[name] || cmd.Intermediate() != 0 {
				strange("%s", name)
			}
		},
		HandleDcs: func(cmd ansi.Cmd, _ ansi.Params, _ []byte) { strange("DCS %c", cmd.Final()) },
		HandleOsc: func(cmd int, data []byte) {
			switch text := string(data); {
			case text == "2;idtop", text == "2;": // the title, and none at the end
			case strings.HasPrefix(text, "52;c;"):
				if clip, err := base64.StdEncoding.DecodeString(text[len("52;c;"):]); err != nil {
					strange("OSC %q", data)
				} else if _, err := safe.Clip(string(clip)); err != nil {
					strange("the clipboard %q", clip)
				}
			default:
				strange("OSC %q", data)
			}
		},
		HandlePm:  func(data []byte) { strange("PM %q", data) },
		HandleApc: func(data []byte) { strange("APC %q", data) },
		HandleSos: func(data []byte) { strange("SOS %q", data) },
	})
}

// styled notes the attributes and colours of a sequence.
func (w *wire) styled(params ansi.Params) {
	for i := 0; i < len(params); i++ {
		n, _, _ := params.Param(i, 0)
		if n == 38 || n == 48 { // a colour in three parts
			w.colours[fmt.Sprint(params[i:min(len(params), i+5)])] = true
			i += 4
			continue
		}
		w.colours[fmt.Sprint(n)] = true
	}
}

// shot is a screen at a place of the walk.
type shot struct{ view, text string }

// walk runs the program against a world and returns its screens.
func walk(t *testing.T, w *wire, world *hostileWorld, size [2]int, sessions int, script func(p *program, snap func(view string))) (shots []shot) {
	synctest.Test(t, func(t *testing.T) {
		config := emulator.Config{Seed: 42, Sessions: sessions, Now: func() time.Time { return time.Now().Add(ahead) }}
		server := emulator.New(config)
		world.number = sessionNumbers(t, server)
		o := options{width: size[0], height: size[1], server: server, answers: world.answer, reports: mirror.KeptAll}
		o.through = func(screen *screentest.Screen) io.Writer {
			w.screen = screen
			return w
		}
		p := start(t, o)
		p.wait(10 * time.Second)
		script(p, func(view string) { shots = append(shots, shot{view, p.screen.Text()}) })
	})
	return shots
}

// sessionNumbers counts the sessions of a server, the newest first.
func sessionNumbers(t *testing.T, server *emulator.Server) map[string]int {
	numbers := map[string]int{}
	for after := ""; ; {
		request, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1/v1/identity/verification_sessions?limit=100"+after, nil)
		request.Header.Set("Authorization", "Bearer rk_test_emulator0000")
		answer, err := emulator.Transport(server).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Data []struct{ ID string }
			More bool `json:"has_more"`
		}
		err = json.NewDecoder(answer.Body).Decode(&page)
		answer.Body.Close()
		if err != nil || len(page.Data) == 0 {
			t.Fatalf("no page: %v, %s", err, answer.Status)
		}
		for _, s := range page.Data {
			numbers[s.ID] = len(numbers)
		}
		if !page.More {
			return numbers
		}
		after = "&starting_after=" + page.Data[len(page.Data)-1].ID
	}
}

// Views that say of a text what is odd about it, or what failed by lot: only the lines around them are
// the same. And views that tell when the next attempt is, which is drawn by lot.
var (
	aboutText = map[string]bool{"new session": true, "metadata": true, "refusals": true}
	timed     = map[string]bool{"refused": true, "refused detail": true, "refusals": true}
)

// disputed reports a line with a letter whose width terminals count differently. The program
// leaves room for the larger count, so on this terminal what is right of it moves left.
func disputed(line string) bool {
	for rest := line; rest != ""; {
		c, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		if rest = rest[len(c):]; safe.Line(c).Width() != width && !unicode.In([]rune(c)[0], unicode.Mn, unicode.Mc) {
			return true
		}
	}
	return false
}

// compare tells how a hostile screen differs from the harmless one beside the text
// itself: lines without any are the same, and in the others every word of ours stands in its order.
func compare(view, hostile, harmless string) error {
	theirs, ours := strings.Split(hostile, "\n"), strings.Split(harmless, "\n")
	if len(theirs) != len(ours) {
		return fmt.Errorf("%d lines, want %d", len(theirs), len(ours))
	}
	for y := range ours {
		edge := y < 2 || y >= len(ours)-2
		if theirs[y] == ours[y] || edge && timed[view] || !edge && aboutText[view] || disputed(theirs[y]) {
			continue
		}
		if !strings.ContainsAny(ours[y], narrowFill+wideFill+foreignFill) {
			return fmt.Errorf("line %d is\n%s\nwant\n%s", y, theirs[y], ours[y])
		}
		rest := theirs[y]
		for _, word := range strings.Fields(ours[y]) {
			if strings.ContainsAny(word, narrowFill+wideFill+foreignFill) {
				continue
			}
			at := strings.Index(rest, word)
			if at < 0 {
				return fmt.Errorf("line %d lacks %q:\n%s\nwant\n%s", y, word, theirs[y], ours[y])
			}
			rest = rest[at+len(word):]
		}
	}
	return nil
}

// everyView shows the session under the cursor in every view that shows one.
func everyView(p *program, snap func(string)) {
	for _, v := range []struct{ view, keys, back string }{
		{"detail", "enter", ""}, {"outputs", "v", ""}, {"detail below", "tab pgdown", "tab esc"}, {"person", "u", "esc"}, {"timeline", "t", "esc"},
		{"cancel", "c", "esc"}, {"redact", "r", "esc"}, {"metadata", "m", "esc esc"}, {"new session", "n", "esc esc"},
	} {
		p.press(v.keys)
		snap(v.view)
		p.press(v.back)
	}
}

// otherViews shows the views of many sessions.
func otherViews(p *program, snap func(string)) {
	for _, v := range []struct{ view, keys, back string }{
		{"plan", "g space shift+down shift+down shift+down shift+down shift+down shift+down shift+down shift+down r", "esc -"},
		{"compare", "g space shift+down t", "esc -"},
		{"people", "U", ""}, {"people below", "pgdown", "esc"},
		{"failed", "2", ""}, {"insights", "i", "esc"}, {"fields to export", "E", "esc esc"}, {"columns", "C", "esc"},
		{"views", "V", "esc"}, {"jobs", "J", "esc"}, {"palette", ": m a r k", "esc"}, {"help", "?", "esc"}, {"messages", "!", ""}, {"messages below", "pgdown", "esc"},
		{"search", "esc 1 / state:failed", ""}, {"search kept", "enter", "esc"},
	} {
		p.press(v.keys)
		p.wait(time.Second)
		snap(v.view)
		p.press(v.back)
	}
}

// refusals shows what the server says in its errors.
func refusals(world *hostileWorld, count int) func(*program, func(string)) {
	return func(p *program, snap func(string)) {
		for n := range count {
			message := world.refusal(n)
			code := world.text(n, "error.code")
			var body bytes.Buffer
			writeRaw(&body, map[string]any{"error": map[string]any{
				"type": "invalid_request_error", "message": message, "code": code, "param": world.text(n, "error.param"), "doc_url": world.text(n, "error.doc_url"),
			}})
			world.mu.Lock()
			for _, field := range []string{"message", "code", "param", "doc_url"} {
				world.shown["error."+field] = true
			}
			world.mu.Unlock()
			status := []int{400, 401, 403, 404, 409, 429, 500, 503}[n%8]
			answer := fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nRequest-Id: req_hostile1\r\nContent-Length: %d\r\n\r\n%s", status, body.Len(), body.String())
			if n%5 == 4 { // of a proxy
				answer = fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", status, len(message), message)
			}
			p.answer.Store(&answer)
			p.press("enter")
			p.wait(30 * time.Second)
			snap("refused detail")
			p.press("esc")
			snap("refused")
			p.says(0, "")
			p.press("j")
		}
		p.press("!")
		snap("refusals")
		for range count / 4 {
			p.press("pgdown")
			snap("refusals")
		}
		p.press("esc")
	}
}

// TestStoryHostileServer: see above.
func TestStoryHostileServer(t *testing.T) {
	all := screentest.Hostile()
	sessions, sizes := 12, [][2]int{{160, 45}, {80, 24}}
	switch {
	case os.Getenv("IDTOP_HOSTILE") == "all":
		// The rest are more controls and more invisible characters of the same kinds.
		all, sizes = all[:320], sizes[:1]
		sessions = len(all)
	case testing.Short():
		sessions, sizes = 3, sizes[1:]
	}
	fields, views, screens := map[string]bool{}, map[string]bool{}, 0
	for _, size := range sizes {
		shots, colours := map[bool][]shot{}, map[bool]map[string]bool{}
		for _, harmless := range []bool{true, false} {
			world := &hostileWorld{strings: all, harmless: harmless, shown: fields}
			w := newWire(t)
			shots[harmless] = walk(t, w, world, size, sessions, func(p *program, snap func(string)) {
				p.press("g")
				for range sessions {
					snap("list")
					everyView(p, snap)
					p.press("j")
				}
				otherViews(p, snap)
				p.press("esc esc 1 g")
				refusals(world, (sessions+1)/2)(p, snap)
				p.press("esc esc 1 g")
				for range sessions { // what is copied, or refused, differs
					p.press("Y j")
				}
			})
			for what, n := range w.strange {
				t.Errorf("%v, harmless %v: the terminal got %s, %d times", size, harmless, what, n)
			}
			colours[harmless] = w.colours
		}
		for c := range colours[false] {
			if !colours[true][c] {
				t.Errorf("%v: the terminal got the style %s, which no harmless screen has", size, c)
			}
		}
		for i, s := range shots[true] {
			views[s.view] = true
			screens++
			if err := compare(s.view, shots[false][i].text, s.text); err != nil {
				t.Errorf("%v, screen %d, %s: %v", size, i, s.view, err)
			}
		}
	}
	t.Logf("%d fields x %d views x %d of %d strings, on %d screens", len(fields), len(views), min(sessions, len(all)), len(all), screens)
}
