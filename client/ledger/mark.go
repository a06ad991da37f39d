package ledger

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The mark is the last acknowledged record: its head and where its line begins.
// It is written over in place after each append and never synced. So after a
// crash of the program it is exact, and after one of the machine it may be too
// old, which is all right: it says from where on everything must be found.
const markForm = "%020d %s %020d\n"

// setMark marks the head, whose line begins at the offset. What fails here
// costs time at the next start and nothing else.
func (l *Ledger) setMark(begin int64) {
	_, _ = l.mark.WriteAt(fmt.Appendf(nil, markForm, l.head.Seq, l.head.Hash, begin), 0)
}

func (l *Ledger) readMark() (Head, bool) {
	head, _, ok := readMark(l.mark)
	return head, ok
}

// readMark returns what is marked; ok is false when nothing readable is.
func readMark(in io.ReaderAt) (head Head, begin int64, ok bool) {
	b := make([]byte, len(fmt.Sprintf(markForm, 0, Hash{}, 0)))
	if n, _ := in.ReadAt(b, 0); n < len(b) {
		return Head{}, 0, false
	}
	words := strings.Split(strings.TrimSuffix(string(b), "\n"), " ")
	if len(words) != 3 {
		return Head{}, 0, false
	}
	seq, err := strconv.ParseUint(words[0], 10, 64)
	hash, isHash := parseHash(words[1])
	begin, err2 := strconv.ParseInt(words[2], 10, 64)
	if err != nil || err2 != nil || !isHash || begin < 0 || seq == 0 {
		return Head{}, 0, false
	}
	return Head{seq, hash}, begin, true
}

// skipToMark goes on from the marked record, when it is where the mark says.
// Otherwise the ledger is read from its beginning.
func (l *Ledger) skipToMark() {
	head, begin, ok := readMark(l.mark)
	if !ok {
		return
	}
	r, line, flaw, err := newWalker(io.NewSectionReader(l.file, begin, longestLine), Head{}, 0).read()
	if err == nil && r.Head() == head && (flaw == FlawNone || flaw == FlawOrder || flaw == FlawChain || flaw == FlawTorn) {
		l.head, l.end = head, begin+int64(len(line))
	}
}
