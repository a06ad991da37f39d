package safe

import "testing"

func TestLine(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"ascii", "ann_8392", "ann_8392"},
		{"empty", "", ""},
		{"escape sequence", "\x1b[31mred", "␛[31mred"},
		{"line break", "a\r\nb", "a␍␊b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in).String(); got != tt.want {
				t.Errorf("Line(%+q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}
