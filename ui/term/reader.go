package term

import (
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/cancelreader"

	"idtop/client/guard"
	"idtop/model"
)

// Reader is the input of a Bubble Tea program, and its Filter is the program's
// filter. It reads from the terminal only after the first Read.
type Reader struct {
	from  io.Reader
	start time.Time // times are durations since then
	at    time.Time // time of the next keys; only Filter uses it
	rest  []byte    // rest of a token; only Read uses it

	mu      sync.Mutex
	current *reading // nil while nobody reads
	closed  bool
}

// New returns a reader of a terminal.
func New(from io.Reader) *Reader { return &Reader{from: from, start: time.Now()} }

// reading is one use of the terminal, from the first Read until Release.
type reading struct {
	from    cancelreader.CancelReader
	pieces  chan piece // in the pieces that the terminal gave
	tokens  chan []byte
	stopped chan struct{} // closed when no more input is wanted
	done    sync.WaitGroup
	once    sync.Once
	err     error // why nothing more can be read
}

type piece struct {
	at   time.Time
	text []byte
}

// waiting bounds the number of pieces, and of tokens, that wait for the program. A
// key that waits for a busy program keeps its time.
const waiting = 1024

// Read hands out the terminal's input, one token at a time: a key, a sequence, or a
// mark of the reader's own.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		reading, err := r.begin()
		if err != nil {
			return 0, err
		}
		token, ok := <-reading.tokens
		if !ok {
			return 0, reading.why()
		}
		r.rest = token
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *Reader) begin() (*reading, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, io.EOF
	case r.current != nil:
		return r.current, nil
	}
	from, err := cancelreader.NewReader(r.from)
	if err != nil {
		return nil, err
	}
	n := &reading{from: from, pieces: make(chan piece, waiting), tokens: make(chan []byte), stopped: make(chan struct{})}
	n.done.Add(2)
	guard.Go(func() { defer n.done.Done(); n.read() })
	guard.Go(func() { defer n.done.Done(); n.split(r.start) })
	r.current = n
	return n, nil
}

// Release stops reading and leaves later input to other readers. The next Read
// begins anew.
func (r *Reader) Release() {
	r.mu.Lock()
	n := r.current
	r.current = nil
	r.mu.Unlock()
	if n == nil {
		return
	}
	n.once.Do(func() { close(n.stopped) })
	if n.from.Cancel() { // otherwise the read can't be canceled, and the goroutine ends with it
		n.done.Wait()
		_ = n.from.Close()
	}
}

// Close releases the terminal for good.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.Release()
	return nil
}

// read takes input from the terminal and notes its time, as soon as it comes.
func (n *reading) read() {
	defer close(n.pieces)
	for {
		text := make([]byte, 4096)
		size, err := n.from.Read(text)
		if err != nil {
			n.err = err
			return
		}
		select {
		case n.pieces <- piece{time.Now(), text[:size]}:
		case <-n.stopped:
			return
		}
	}
}

// why says why there are no more tokens.
func (n *reading) why() error {
	select {
	case <-n.stopped:
		return io.EOF
	default: // the terminal has ended, and so has the writer of err
		return n.err
	}
}

// split makes tokens of the pieces.
func (n *reading) split(start time.Time) {
	defer close(n.tokens)
	var s splitter
	var told time.Time // the last time passed on
	var ready [][]byte
	clock := time.NewTimer(time.Hour)
	defer clock.Stop()
	for {
		for _, t := range s.take() {
			if t.kind != answer && t.kind != pasted && !t.at.Equal(told) {
				ready, told = append(ready, mark('k', t.at.Sub(start))), t.at
			}
			ready = append(ready, t.bytes())
		}
		if at, ok := s.due(); ok {
			clock.Reset(time.Until(at))
		} else {
			clock.Stop()
		}
		pieces, tokens := n.pieces, n.tokens
		var next []byte
		if len(ready) > waiting {
			pieces = nil
		}
		if len(ready) == 0 {
			tokens = nil
		} else {
			next = ready[0]
		}
		select {
		case p, ok := <-pieces:
			if !ok {
				return
			}
			s.feed(p.at, p.text)
		case tokens <- next:
			ready = ready[1:]
		case <-clock.C:
			if p, ok := n.early(); ok { // it came before the wait was over
				s.feed(p.at, p.text)
			} else {
				s.pass(time.Now())
			}
		case <-n.stopped:
			return
		}
	}
}

// early returns a piece that has already come.
func (n *reading) early() (p piece, ok bool) {
	select {
	case p, ok = <-n.pieces:
	default:
	}
	return p, ok
}

// The reader's marks are written as a report of the clipboard, for a clipboard that
// does not exist. A terminal sends such reports only on request, and idtop never
// asks.

func mark(kind byte, since time.Duration) []byte {
	since64 := base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, int64(since), 10))
	return fmt.Appendf(nil, "\x1b]52;%c;%s\x07", kind, since64)
}

// bytes are what Bubble Tea is given for a token.
func (t token) bytes() []byte {
	switch t.kind {
	case rest:
		return mark('r', 0)
	case noise:
		return mark('n', 0)
	case pasted:
		return []byte(ansi.BracketedPasteStart + string(t.text) + ansi.BracketedPasteEnd)
	}
	return t.text
}

// Filter gives the keys their times, and makes messages of the reader's marks.
func (r *Reader) Filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return model.Key{KeyPressMsg: msg, At: r.at}
	case tea.ClipboardMsg:
		return r.marked(msg)
	case tea.SuspendMsg:
		r.Release()
	}
	return msg
}

func (r *Reader) marked(msg tea.ClipboardMsg) tea.Msg {
	switch msg.Selection {
	case 'k':
		if since, err := strconv.ParseInt(msg.Content, 10, 64); err == nil {
			r.at = r.start.Add(time.Duration(since))
		}
	case 'r':
		return model.Rest{}
	case 'n':
		return model.Noise{At: r.at}
	}
	return nil
}
