package keymap

// Command is an action of the palette without a key.
type Command struct {
	Name     string
	Argument string // the word after the name, "" when there is none
	Help     string
}

// The names of the commands.
const (
	Write    = "write"
	ReadOnly = "read-only"
	Save     = "save"
	Theme    = "theme"
	Tour     = "tour"
)

var commands = []Command{
	{Write, "REASON", "let this account be changed until you quit; the reason is recorded"},
	{Save, "NAME", "keep what is listed as a view"},
	{Theme, "NAME", "draw in another theme until you quit: contrast, deuteranopia, tritanopia, mono, dark, light, auto"},
	{Tour, "", "in the demo: show the way through idtop in six keys, again"},
	{ReadOnly, "", "change nothing at Stripe any more"},
}

// Commands lists the commands. The slice is a copy.
func Commands() []Command { return append([]Command(nil), commands...) }
