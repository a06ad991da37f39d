package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"time"

	"idtop/client/guard"
)

// dashboardPage matches the pages that may be opened: Stripe's Dashboard only,
// without any character that a shell or a browser's command line could interpret.
var dashboardPage = regexp.MustCompile(`^https://dashboard\.stripe\.com/[A-Za-z0-9/_-]*$`)

// browserPatience is how long a browser's start is watched for a failure.
const browserPatience = 500 * time.Millisecond

// browser opens pages of Stripe's Dashboard for the operator.
type browser struct {
	system  string // as runtime.GOOS
	getenv  func(string) string
	environ []string
	start   func(*exec.Cmd) (wait func() error, err error)
}

func newBrowser(p *Process) browser {
	return browser{runtime.GOOS, p.Getenv, p.Environ, startProgram}
}

// Open shows a page. It returns soon, even when the browser takes its time; its
// errors are short causes for the operator.
func (b browser) Open(ctx context.Context, page string) error {
	if !dashboardPage.MatchString(page) {
		return errors.New("only pages of Stripe's Dashboard are opened")
	}
	name, args, err := b.command()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Not bound to ctx: the browser stays when idtop ends.
	cmd := exec.Command(name, append(args, page)...)
	cmd.Env = b.environ
	cmd.SysProcAttr = ownSession() // and it stays when the terminal is closed
	wait, err := b.start(cmd)
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return fmt.Errorf("%s is not installed", name)
		}
		return fmt.Errorf("%s did not start", name)
	}
	ended := make(chan error, 1)
	guard.Go(func() { ended <- wait() })
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%s failed", name)
		}
	case <-ctx.Done():
	case <-time.After(browserPatience):
	}
	return nil
}

// command returns the command that opens a page on this system.
func (b browser) command() (name string, args []string, err error) {
	if b.getenv("SSH_CONNECTION") != "" || b.getenv("SSH_TTY") != "" {
		return "", nil, errors.New("this is a remote session")
	}
	switch b.system {
	case "darwin":
		return "open", nil, nil
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}, nil
	}
	if b.getenv("DISPLAY") == "" && b.getenv("WAYLAND_DISPLAY") == "" {
		return "", nil, errors.New("there is no graphical session")
	}
	return "xdg-open", nil, nil
}

// startProgram starts a program with no connection to the terminal.
func startProgram(cmd *exec.Cmd) (wait func() error, err error) {
	return cmd.Wait, cmd.Start()
}
