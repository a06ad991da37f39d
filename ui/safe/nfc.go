package safe

import "strconv"

func compose(items []item) []item { return items }

func isVirama(r rune) bool {
	switch r {
	case 0x094d, 0x09cd, 0x0acd, 0x0b4d, 0x0c4d, 0x0d4d:
		return true
	}
	return false
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
