package safe

// Wrap returns the text in lines of at most width cells, broken at spaces and,
// where a word is longer than a line, inside it. A character that is wider
// than a whole line is drawn as ….
func (t Text) Wrap(width int) []Text {
	width = max(1, width)
	var lines []Text
	// Joined parts may take less than their sum, and what follows counts the cells of
	// each line off the whole.
	left, from := cells(t.s), 0
	for left > width {
		n, w, next := breakAt(t.s[from:], width)
		if n == 0 {
			lines = append(lines, cutMark().Cut(width))
		} else {
			lines = append(lines, t.slice(from, from+n, w))
		}
		left -= w + cells(t.s[from+n:from+next])
		from += next
	}
	return append(lines, t.slice(from, len(t.s), left))
}

// breakAt finds where to break a line that is too long: the length and width
// of what stays, and where the next line begins. Nothing stays (n == 0) only
// if the first cluster alone is too wide.
func breakAt(s string, width int) (n, w, next int) {
	n, w = head(s, width)
	if n == 0 {
		next, _ = cluster(s)
		return 0, 0, next
	}
	if isSpace(s[n:]) {
		return n, w, n + 1
	}
	back, backWidth := 0, 0
	for i, iw := 0, 0; i < n; {
		if i > 0 && isSpace(s[i:]) {
			back, backWidth = i, iw
		}
		cn, cw := cluster(s[i:])
		i += cn
		iw += cw
	}
	if back == 0 {
		return n, w, n
	}
	return back, backWidth, back + 1
}

// isSpace reports whether s begins with a space that carries no mark.
func isSpace(s string) bool {
	if s[0] != ' ' {
		return false
	}
	n, _ := cluster(s)
	return n == 1
}
