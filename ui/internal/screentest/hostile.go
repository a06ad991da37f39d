package screentest

import (
	"fmt"
	"strings"
)

// Hostile returns strings that have broken terminal programs: control sequences in
// every encoding, direction overrides, characters that are invisible, that pile up,
// that join or that have a misleading width, and bytes that are no text. Any string
// of the API may be one of these. Each holds something that must not reach the
// terminal unchanged, or must not move its neighbours on the screen.
func Hostile() []string {
	all := append([]string(nil), hostile...)
	for c := range rune(0x20) {
		all = append(all, "user"+string(c)+"id")
	}
	for c := rune(0x7f); c < 0xa0; c++ {
		all = append(all, "user"+string(c)+"id", fmt.Sprintf("raw\xc2%cbyte", c), "raw"+string([]byte{byte(c)})+"byte")
	}
	for _, r := range unseen {
		all = append(all, "user"+string(r)+"id", string(r))
	}
	return all
}

// unseen are characters that draw nothing, or turn what follows.
var unseen = []rune{
	0x00a0, 0x00ad, 0x034f, 0x061c, 0x115f, 0x1160, 0x1680, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x2000, 0x2003, 0x2007,
	0x2009, 0x200a, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
	0x202f, 0x205f, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2065, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x206f,
	0x2800, 0x3000, 0x3164, 0xfe00, 0xfe0e, 0xfe0f, 0xfeff, 0xffa0, 0xfff0, 0xfff9, 0xfffa, 0xfffb, 0xfffe, 0xffff,
	0xe000, 0xf8ff, 0x110bd, 0x13430, 0x1bca0, 0x1d173, 0x1d17a, 0xe0001, 0xe0020, 0xe007f, 0xe0100, 0xe01ef, 0xf0000,
	0x10ffff,
}

var hostile = []string{
	// Control sequences.
	"\x1b[31mred", "\x1b[8mhidden", "\x1b[41mbackground to the end of the screen", "\x1b[0m", "\x1b[m", "\x1b[38;2;1;2;3mrgb",
	"\x1b[2J", "\x1b[3J\x1b[H", "\x1b[1;1Hhome", "\x1b[999;999H", "\x1b[10A", "\x1b[10D", "\x1b[K", "\x1b[1K", "\x1b[2K",
	"\x1b[5L", "\x1b[5M", "\x1b[5P", "\x1b[5@", "\x1b[5X", "\x1b[1;2r", "\x1b[s\x1b[u", "\x1b[100b", "\x1b[5S", "\x1b[5T",
	"\x1b[?25l", "\x1b[?1049l", "\x1b[?1049h", "\x1b[?7l", "\x1b[?2004l", "\x1b[?1000h", "\x1b[?2026h", "\x1b[>1u", "\x1b[4h",
	"\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[?2027$p", "\x1b[5n", "\x1b[14t", "\x1b[8;5;5t", "\x1b[21t", "\x1b[!p", "\x1b[3g",
	"\x1bc", "\x1b7\x1b8", "\x1b#8", "\x1b(0lqqk", "\x1b)0\x0e", "\x1bD\x1bE\x1bM", "\x1bH", "\x1b=", "\x1b>", "\x1bN", "\x1bO", "\x1bZ",
	"\x1b", "\x1b[", "\x1b[31", "text\x1b", "\x1b\x1b\x1b[31m", "\x1b[31\x1b[32m", "\x1b[;;;;;;;;;;;;m", "\x1b[99999999999999999999m",
	// Strings to the terminal: title, link, clipboard, graphics, and ones that never end.
	"\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]52;c;?\x07", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"\x1b]4;1;rgb:00/00/00\x07", "\x1b]10;#000000\x07", "\x1b]11;?\x07", "\x1b]7;file:///etc\x07", "\x1b]9;notify\x07", "\x1b]133;A\x07",
	"\x1b]8;;https://evil.example/\u009b8m\x1b\\click", "\x1b]777;notify;a;b\x07", "\x1b]1337;File=inline=1:AAAA\x07", "\x1b]50;font\x07", "\x1b]104\x07", "\x1b]0;never ends", "\x1b]8;;",
	"\x1bP+q544e\x1b\\", "\x1bP$q m\x1b\\", "\x1bPq#0;2;0;0;0\x1b\\", "\x1bPnever ends", "\x1b_Ga=T,f=100;AAAA\x1b\\", "\x1b_never ends",
	"\x1b^private\x1b\\", "\x1b^never ends", "\x1bXstart\x1b\\", "\x1bXnever ends", "\x1bPtmux;\x1b\x1b]52;c;AA==\x07\x1b\\", "\x1b\\", "\x1bk title\x1b\\",
	// The same in eight bits, as bytes and as characters.
	"\x9b31m", "\x9d0;owned\x9c", "\x90q\x9c", "\x9f_\x9c", "\x9e\x9c", "\x98\x9c", "\x84\x85\x8d", "\x9b", "\xc2\x9b31m",
	"\u009b31mred", "\u009b2J", "\u009d0;owned\u009c", "\u009d52;c;AA==\u0007", "\u0090q\u009c", "\u009f_\u009c", "\u0085next line", "\u008dup",
	// Moving in the line.
	"innocent\rEVIL", "a\nb", "a\r\nb", "a\n\n\n\nb", "a\tb", "abc\b\b\bxyz", "a\vb", "a\fb", "\x07\x07\x07", "a\x00b", "\x7f\x7f\x7f", "\x0e\x0f", "\r", "\n", "\t",
	"a\u2028b", "a\u2029b", "trailing\\", "%s%n%x", "\x1a", "\x11\x13",
	// Directions.
	"user\u202etxt.exe", "\u202eabc\u202c", "\u2066abc\u2069", "a\u2067b", "\u202dabc", "\u200fabc", "\u061cabc", "abc\u202a", "\u2068\u2068\u2068\u2068",
	"\u05d0\u05d1\u05d2 123", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "abc \u05d0\u202e123\u202c",
	// Nothing to see.
	"ann\u200b_8392", "ann_8392\u200b", "\u200bann_8392", "\u200b", "\u200b\u200c\u200d\ufeff", "\ufeffann", "ann\u00ad_8392", "a\u2060b", "a\u180eb",
	"\u3164", "\uffa0\uffa0", "\u115f\u1160", "\u2800\u2800\u2800", "ann\u00a0x", "a\u3000b", "\u17b4", "a\u034fb", "\U000e0041\U000e0042", "a\ufe0fb", "\u206aab\u206f",
	// Marks that pile up, that have nothing to sit on, that sit on what is before.
	"a" + strings.Repeat("\u0301", 40), strings.Repeat("\u0300\u0320", 100), "\u0301ann", "\u0301", "\u20dd", "a\u20dd\u20e3", "1\ufe0f\u20e3",
	"Z\u0351\u036b\u0343\u036aa\u0316\u0310l\u0323\u0324g\u0325\u0325o\u0326\u0327", "e\u0301", "\u00e9", "\u1ebf\u0323\u0323", "a\u0323\u0302\u0301",
	"\u093f\u0915", "\u0903", "\ufeff\u0301", "\x1b\u0301[31m", "a\n\u0301b", "\xff\u0301", "<\u0338", "=\u0338", "\u0344\u0344\u0344", "\U0001d15e\U0001d165",
	"\u064b\u064c\u064d\u064e", strings.Repeat("\u0483", 30), "a\u1ab0\u1ab1\u1ab2", "\u302e\u302f", "a\U00016ff0", "\u0e01\u0e33\u0e33\u0e33", "\uff76\uff9e\uff9e\uff9e",
	// Joined into one cell, or wider than they say.
	"\u0915" + strings.Repeat("\u094d\u0915", 60), strings.Repeat("\u1100", 50), "\u1100" + strings.Repeat("\u1161", 50), "\u1112\u1161\u11ab", "\uac00\u11a8\u11a8",
	"\ua960\u1161", "\ud7b0\ud7cb", "\u0d4e\u0d4e\u0d4ea", "\U000111c2x", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd",
	"\U0001f3fb\U0001f3fc", "\U0001f1e9\U0001f1ea", "\U0001f1e9", "\U0001f1e9\U0001f1ea\U0001f1eb", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\u2764\ufe0f", "\u231a\ufe0e",
	strings.Repeat("\u4e2d", 50), "\uff21\uff22\uff23", "\u0e19\u0e49\u0e33", "\u0915\u094d\u0937\u093f", "\u0b95\u0bcd\u0bb7", "\ufdfd", "\u2e3b", "\U00012031", "\u0bf5", "\ua9c1",
	// Looks like something else.
	"\u0430nn_8392", "ann\uff3f8392", "\u0251nn_8392", "ann_\U0001d7d6392", "\u01c3\u2044\u2215", "vs_1NuN\u0410ILkdIwHu7ixh70tMLw", "vs_1NuNAILkdIwHu7ixh70tMLw\u200b",
	"<U+202E>", "<+40>", "\u2026", "\u241b[31m", "\ufffd", "\u212b\u2126\u212a", "\uf900\U0002f800", "\u037e", "\u0340\u0341",
	// Not UTF-8.
	"\xff", "\xfe\xff", "\xc0\xaf", "\xc1\x81", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
	"\x80", "\xbf", "\xc3", "\xe4\xb8", "\xf0\x9f\x98", "abc\xe4\xb8", "\xe4\xb8abc", "\xc3\x28", "\xa0\xa1", "\xc0\x9b31m", "\xe0\x80\x9b31m", "\xc1\x9d\xc0\x80",
	// Too long, and cut in bad places.
	strings.Repeat("a", 5000), strings.Repeat("\x1b[31m", 2000), strings.Repeat("\u202e", 3000), strings.Repeat("\u4e2d", 3000), strings.Repeat("a", 4095) + "\u4e2d",
	strings.Repeat("a", 4094) + "\u202e", strings.Repeat("a", 4096) + "\x1b", strings.Repeat("a", 4094) + "\u0301\u0301\u0301", strings.Repeat("\xff", 5000),
	strings.Repeat("\u0301", 5000), strings.Repeat("\n", 5000), strings.Repeat("\U0001d160", 1024), strings.Repeat(" ", 5000), strings.Repeat("a", 4095) + "\xe4",
	// For spreadsheets, shells and templates.
	"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "$(rm -rf /)", "`id`", "'; DROP TABLE sessions; --", "<script>alert(1)</script>", "{{.Key}}", "${jndi:ldap://x}",
	"", " ", "   ", "\"", "\\", "null", "~", "-", "--help",
}
