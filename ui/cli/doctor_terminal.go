package cli

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"

	"idtop/ui/config"
	"idtop/ui/safe"
)

// The smallest screen that the dashboard is drawn on.
const leastColumns, leastRows = 40, 10

// lookAtTerminal says what the dashboard can draw here. The terminal itself is asked
// nothing: its answer would come as keys.
func (d *doctor) lookAtTerminal(ctx context.Context) {
	name := d.p.Getenv("TERM")
	out, ok := config.AsTerminal(d.p.Stdout)
	if !ok {
		d.add("size", notChecked, "standard output is no terminal; only the dashboard needs one", "")
	} else if columns, rows, err := term.GetSize(int(out.Fd())); err != nil {
		d.add("size", warning, fmt.Sprintf("the terminal does not tell its size: %s", err), "start idtop in another terminal")
	} else if size := fmt.Sprintf("%d columns, %d rows", columns, rows); columns < leastColumns || rows < leastRows {
		d.add("size", warning, size, fmt.Sprintf("make it %d columns and %d rows at least", leastColumns, leastRows))
	} else {
		d.add("size", fine, size, "")
	}
	switch {
	case name == "" && !ok:
	case name == "" || name == dumbTerminal:
		d.add("name", warning, "TERM is "+safe.Quote(name)+": the dashboard can't place text", "set TERM to what the terminal is, such as xterm-256color")
	default:
		d.add("name", fine, safe.Quote(name), "")
	}
	if ok {
		d.add("colours", fine, colorprofile.Detect(d.p.Stdout, d.p.Environ).String(), "")
	}
	d.lookAtLocale()
	d.lookAtClipboard(ctx, name)
}

func (d *doctor) lookAtLocale() {
	from := "no variable names one"
	if variable, value := config.Locale(d.p); variable != "" {
		from = variable + " is " + safe.Quote(value)
	}
	if config.OnlyASCII(d.p) {
		d.add("locale", note, from+": signs are made of ASCII", "where the terminal shows UTF-8, set LC_CTYPE=C.UTF-8")
		return
	}
	d.add("locale", fine, from+": signs are UTF-8", "")
}

// tmuxTime is how long tmux may take to say how it is set.
const tmuxTime = time.Second

// lookAtClipboard says whether what y copies arrives. Terminals do not tell whether they
// take OSC 52, so this goes by their names.
func (d *doctor) lookAtClipboard(ctx context.Context, name string) {
	const osc = "y copies with OSC 52"
	switch get := d.p.Getenv; {
	case get("TMUX") != "":
		d.lookAtTmux(ctx)
	case get("STY") != "":
		d.add("clipboard", warning, osc+", which GNU screen keeps for itself", "copy with the mouse, or use tmux")
	case name == "linux" || name == dumbTerminal:
		d.add("clipboard", warning, osc+", and this terminal has no clipboard", "write down the id, or use another terminal")
	case get("TERM_PROGRAM") == "Apple_Terminal", get("VTE_VERSION") != "":
		d.add("clipboard", warning, osc+", which many versions of this terminal ignore", "copy with the mouse where nothing arrives")
	case get("TERM_PROGRAM") == "iTerm.app":
		d.add("clipboard", note, osc+", which iTerm2 takes if its settings allow it", "General, Selection: applications in terminal may access clipboard")
	default:
		d.add("clipboard", note, osc+"; whether this terminal takes it, it does not tell", "")
	}
}

// lookAtTmux asks tmux whether it takes what programs copy.
func (d *doctor) lookAtTmux(ctx context.Context) {
	const on = "tmux set-option -s set-clipboard on, and the same in ~/.tmux.conf"
	ctx, cancel := context.WithTimeout(ctx, tmuxTime)
	defer cancel()
	path, err := config.LookUp(d.p, "tmux")
	var said bytes.Buffer
	if err == nil {
		cmd := exec.CommandContext(ctx, path, "show-options", "-sv", "set-clipboard")
		cmd.Env, cmd.Stdout, cmd.WaitDelay = d.p.Environ, &said, tmuxTime
		err = cmd.Run()
	}
	switch value := strings.TrimSpace(said.String()); {
	case err != nil:
		d.add("clipboard", warning, "tmux does not say whether set-clipboard is on", on)
	case value == "on":
		d.add("clipboard", fine, "tmux takes what y copies: set-clipboard is on", "")
	default:
		d.add("clipboard", warning, "tmux drops what y copies: set-clipboard is "+safe.Quote(value), on)
	}
}
