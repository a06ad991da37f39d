package ledger

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The mark is the last acknowledged record: its head, where its line begins,
// and a checksum of this. It is written over in place after each append and
// never synced. So after a crash of the program it is exact, and after one of
// the machine it may be too old, which is all right: it says from where on
// everything must be found.
const (
	markForm = "%020d %s %020d "
	markSize = 20 + 1 + 2*sha256.Size + 1 + 20 + 1 + 8 + 1 // with checksum and line feed
)

// setMark marks the head, whose line begins at the offset. What fails here
// costs time at the next start and nothing else.
func (l *Ledger) setMark(begin int64) {
	text := fmt.Sprintf(markForm, l.head.Seq, l.head.Hash, begin)
	_, _ = l.mark.WriteAt([]byte(text+checksum(text)), 0)
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x\n", sum[:4])
}

func (l *Ledger) readMark() (Head, bool) {
	head, _, ok := readMark(l.mark)
	return head, ok
}

// readMark returns what is marked; ok is false when nothing readable is.
func readMark(in io.ReaderAt) (head Head, begin int64, ok bool) {
	b := make([]byte, markSize)
	if n, _ := in.ReadAt(b, 0); n < len(b) {
		return Head{}, 0, false
	}
	text, words := string(b[:markSize-9]), strings.Fields(string(b))
	if len(words) != 4 || text+checksum(text) != string(b) {
		return Head{}, 0, false
	}
	head, headErr := ParseHead(words[0] + ":" + words[1])
	begin, err := strconv.ParseInt(words[2], 10, 64)
	return head, begin, headErr == nil && err == nil && begin >= 0 && head.Seq > 0
}

// skipToMark goes on from the marked record, when it is where the mark says.
// Otherwise the ledger is read from its beginning.
func (l *Ledger) skipToMark() {
	head, begin, ok := readMark(l.mark)
	if !ok {
		return
	}
	r, line, flaw, err := newWalker(io.NewSectionReader(l.file, begin, longestLine), Head{}, 0).read()
	whole := flaw == FlawNone || flaw == FlawOrder || flaw == FlawChain || flaw == FlawTorn
	if err == nil && whole && r.Head() == head {
		l.head, l.end = head, begin+int64(len(line))
	}
}
