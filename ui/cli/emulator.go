package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"idtop/client/datadir"
	"idtop/client/emulator"
	"idtop/client/guard"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// defaultListen is the address of Stripe's own mock server, too.
const defaultListen = "127.0.0.1:12111"

// emulatorOptions are the flags of the emulator.
type emulatorOptions struct {
	listen         string
	sessions       int
	people         string
	seed           uint64
	traffic        bool
	incident       bool
	redactionDelay time.Duration
	live           bool
	account        string
	worlds         bool
	rateLimits     bool
	readAllocation int
	hosts          []string
	openControls   bool
	origins        []string
	webhooks       webhookOptions
}

func emulatorCommand(p *Process) *cobra.Command {
	o := emulatorOptions{sessions: defaultSessions, seed: defaultSeed, redactionDelay: emulator.DefaultRedactionDelay}
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Stripe Identity server for tests and demos",
		Long: `The emulator answers Stripe's API of identity verification for people whom it
makes up. It keeps all in memory. Any key of Stripe's form opens it.

Open its address in a browser to choose outcomes, to move the clock and to let
requests fail. For programs, GET /_emulator/ lists the requests that do it.`,
		Example: `  idtop emulator --sessions 0 --webhook http://127.0.0.1:4242/webhook
  idtop emulator --traffic`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.incident && !c.Flags().Changed("sessions") {
				o.sessions = incidentSessions
			}
			if o.people != "" && !c.Flags().Changed("sessions") {
				o.sessions = 0
			}
			return runEmulator(c.Context(), p, o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.listen, "listen", defaultListen, "listen on `ADDRESS`")
	flags.Var(number{&o.sessions, 0, emulator.MaxSessions}, "sessions", "sessions at first")
	flags.StringVar(&o.people, "people", "", "`FILE` of sessions with stories, in JSON")
	flags.Var(seed{&o.seed}, "seed", "the same seed, the same people")
	flags.StringVar(&o.account, "account", "", "`ID` of the account, else a new one")
	flags.BoolVar(&o.traffic, "traffic", false, "let people come, submit, fail, retry and pass")
	flags.BoolVar(&o.incident, "incident", false, "let Polish id cards fail from an hour ago on")
	flags.Var(config.Span{Value: &o.redactionDelay, Least: 0, Most: 96 * time.Hour}, "redaction-delay", "how long a redaction takes")
	flags.BoolVar(&o.live, "live", false, "be a live account: it takes live keys only")
	flags.BoolVar(&o.worlds, "worlds", false, "a world for each key that ends in _w_NAME")
	flags.BoolVar(&o.rateLimits, "rate-limits", false, "refuse what is beyond Stripe's rates with 429")
	flags.Var(number{&o.readAllocation, 0, 100_000_000}, "read-allocation", "refuse more GETs in 30 days; 0: none")
	flags.StringArrayVar(&o.hosts, "host", nil, "another `NAME` to be called by; * is any")
	flags.BoolVar(&o.openControls, "open-controls", false, "let other machines use the controls, too")
	flags.StringArrayVar(&o.origins, "origin", nil, "let pages of this `ORIGIN` use its stripe.js")
	o.webhooks.flags(flags)
	withHelp(c)
	return c
}

// runEmulator serves until ctx ends.
func runEmulator(ctx context.Context, p *Process, o emulatorOptions) error {
	host, err := checkListen(o.listen)
	if err != nil {
		return err
	}
	if o.account != "" && !config.AccountForm.MatchString(o.account) {
		return fail.Misuse("write it like acct_1NuNAILkdIwHu7ix", "--account %s: is not an id of an account", safe.Quote(o.account))
	}
	config := o.config()
	if config.People, err = readPeople(o.people); err != nil {
		return err
	}
	if err := (emulator.Config{People: config.People}).Check(); err != nil {
		return fail.Misuse(howPeopleAreWritten, "--people %s: %s", safe.Quote(o.people), err)
	}
	o.sessions += len(config.People)
	generated, err := o.webhooks.apply(&config)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return listenFailure(o.listen, err)
	}
	address := clientURL(host, listener.Addr())
	if config.PublicURL == "" && loopback(host) {
		config.PublicURL = address
	}
	emulated := emulator.New(config)
	server := &http.Server{
		Handler:           emulated,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(safeLines{p.Stderr}, "", 0),
	}
	warnOpen(p.Stderr, host, config)
	announce(p.Stdout, o, address)
	announceWebhooks(p.Stdout, config, generated)
	defer deliver(ctx, emulated)()
	ended := make(chan error, 1)
	guard.Go(func() { ended <- server.Serve(listener) })
	select {
	case err := <-ended:
		return fail.New("", "emulator: %s", err)
	case <-ctx.Done():
	}
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if server.Shutdown(patient) != nil {
		_ = server.Close() // some request does not end: its connection is cut
	}
	return nil
}

// freshAccount gives each world an account of its own at each start, so that data of an
// earlier one is not mistaken for this one's.
func freshAccount() string { return "acct_1" + rand.Text()[:15] }

const howPeopleAreWritten = "EMULATOR.md shows how it is written"

// readPeople reads a file of sessions that the emulator begins with; "" is none.
func readPeople(name string) ([]emulator.SeedSession, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fail.New("name a file that can be read", "--people %s: %s", safe.Quote(name), datadir.Cause(err))
	}
	defer file.Close()
	list, err := emulator.ReadPeople(file)
	if err != nil {
		return nil, fail.New(howPeopleAreWritten, "--people %s: %s", safe.Quote(name), err)
	}
	return list, nil
}

func (o emulatorOptions) config() emulator.Config {
	delay := o.redactionDelay
	if delay == 0 {
		delay = -1 // in the emulator's config 0 is the default
	}
	return emulator.Config{
		Seed: o.seed, Sessions: o.sessions, Traffic: o.traffic, Incident: o.incident, RedactionDelay: delay,
		Live: o.live, Account: o.account, NewAccount: freshAccount, Worlds: o.worlds, RateLimits: o.rateLimits, Hosts: o.hosts, OpenControls: o.openControls,
		ReadAllocation: o.readAllocation, Origins: o.origins,
	}
}

// warnOpen names the parts of the emulator that other machines can use, if any.
func warnOpen(w io.Writer, host string, c emulator.Config) {
	names := slices.DeleteFunc(slices.Clone(c.Hosts), loopback)
	switch {
	case len(names) == 0 && loopback(host):
	case len(names) == 0:
		fail.Warn(w, "the emulator can be reached from other machines", "it answers to names of this machine only; --host NAME lets others call it")
	case c.OpenControls:
		fail.Warn(w, "the emulator is open to everybody who calls it "+callers(names)+": the API, the pages of sessions and its controls",
			"without --open-controls nobody else moves the clock or chooses outcomes")
	default:
		fail.Warn(w, "the emulator is open to everybody who calls it "+callers(names)+": the API and the pages of sessions",
			"it holds invented people only; its controls answer to this machine only")
	}
}

// callers words the names that an emulator may be called by.
func callers(names []string) string {
	if slices.Contains(names, "*") {
		return "by any name"
	}
	return safe.Line(strings.Join(names, " or ")).String()
}

// announce says where the emulator listens and how to look at it.
func announce(w io.Writer, o emulatorOptions, address string) {
	key, mode := "sk_test_123", "test"
	if o.live {
		key, mode = "sk_live_123", "live"
	}
	at := safe.Line(address)
	fmt.Fprintf(w, "idtop emulator on %s: %s sessions, %s mode, seed %d\n", at, safe.Num(o.sessions), mode, o.seed)
	fmt.Fprintf(w, "look at it with: STRIPE_API_KEY=%s idtop --api-base %s\n", key, at)
	fmt.Fprintf(w, "choose outcomes, move the clock, make requests fail: %s/ in a browser\n", at)
}

// checkListen returns the host of an address to listen on.
func checkListen(address string) (host string, err error) {
	const hint = "write it like " + defaultListen
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fail.Misuse(hint, "--listen %s: must be an address with a port", safe.Quote(address))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fail.Misuse(hint, "--listen %s: the port must be a number from 0 to 65,535", safe.Quote(address))
	}
	return host, nil
}

func listenFailure(address string, err error) error {
	quoted := safe.Quote(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fail.New("stop what listens there, or take a free port: --listen 127.0.0.1:0", "--listen %s: something listens there already", quoted)
	case errors.Is(err, syscall.EACCES):
		return fail.New("ports below 1024 are the system's: take another", "--listen %s: this is not permitted", quoted)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fail.New("", "--listen %s: %s", quoted, err)
}

// loopback tells whether only this machine can reach a listener on host.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// clientURL is the address of the listener for a client on this machine.
func clientURL(host string, listening net.Addr) string {
	_, port, _ := net.SplitHostPort(listening.String())
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// safeLines writes lines of net/http, which contain text from clients.
type safeLines struct{ to io.Writer }

func (s safeLines) Write(line []byte) (int, error) {
	for text := range strings.SplitSeq(strings.TrimRight(string(line), "\n"), "\n") {
		if _, err := fmt.Fprintf(s.to, "idtop emulator: %s\n", safe.Quote(text)); err != nil {
			return 0, err
		}
	}
	return len(line), nil
}
