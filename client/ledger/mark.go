package ledger

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

// The mark is the head of the last commit with a record, with a checksum, beside
// the database. It is overwritten in place and never synced: after a crash of the
// program it is exact, and after a crash of the machine it may be too old, which
// does no harm. The book must contain each record up to it.
const markSize = 20 + 1 + 2*sha256.Size + 1 + 8 + 1 // with checksum and line feed

func markOf(head Head) []byte {
	text := fmt.Sprintf("%020d:%s ", head.Seq, head.Hash)
	return []byte(text + checksum(text))
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x\n", sum[:4])
}

// setMark writes the mark. If that fails, the mark stays older than the head.
func (b *Book) setMark() { _, _ = b.mark.WriteAt(markOf(b.head), 0) }

// readMark returns the marked head; ok is false when none can be read.
func (b *Book) readMark() (head Head, ok bool) {
	if b.mark == nil {
		return Head{}, false
	}
	return readMark(b.mark)
}

func readMark(in io.ReaderAt) (head Head, ok bool) {
	text := make([]byte, markSize)
	if n, _ := in.ReadAt(text, 0); n < markSize {
		return Head{}, false
	}
	word, _, _ := strings.Cut(string(text), " ")
	head, err := ParseHead(word)
	return head, err == nil && head.Seq > 0 && bytes.Equal(markOf(head), text)
}
