package model

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/views"
	"idtop/keymap"
)

// Syncer keeps the Store true; *syncer.Syncer implements it.
type Syncer interface {
	Status() mirror.Status
	Subscribe(context.Context) <-chan struct{}
	Steer(mirror.Wish)
	SyncNow()
}

// Renderer is how a model looks. It is passed in, so that state is built and tested
// without any looks.
type Renderer interface {
	View(*Model) (tea.View, Extent)
	SessionName(id, userID string) string // names a session in a message: its user_id and the end of its id
}

// Config is everything that a Model needs from outside. All fields are required
// unless they say otherwise.
type Config struct {
	Context    context.Context // cancels the commands when the program ends
	API        client.API
	Store      mirror.Store
	Syncer     Syncer
	Renderer   Renderer
	Keys       keymap.Map
	Clock      func() time.Time                          // this machine's, for commands; the model itself is told the time
	Reads      func() (used, allowed int64)              // GET requests this month; allowed is 0 without a budget; may be nil
	Pace       func() int64                              // requests in a month at the rate of the last days, 0: not known; may be nil
	OpenURL    func(ctx context.Context, u string) error // shows a page in a browser
	Clip       func(s string) (string, error)            // the text as the clipboard may have it, or why it may not
	Identity   Identity
	CanSuspend bool
	Search     string        // a search to begin with, or ""
	Rule       insights.Rule // when a reason rose; what is zero is as usual
	Privacy    *bool         // whether people are named at the start; nil: all whose user_id is not an e-mail or a number
	Bell       bool          // the terminal's bell rings once for each rise
	Mouse      bool          // the mouse is on at the start
	Tour       *Touring      // of the demo; nil elsewhere
	Metadata   []string      // the keys whose values the mirror keeps besides user_id
	Theme      string        // one of Themes; "": auto
	Colourless bool          // the operator wants no colours, whatever the terminal has
	Plain      bool          // nothing is drawn: there is no screen for a mouse, and no clipboard: a message has the text of a copy
	Keeper     ViewKeeper    // the saved views; nil: none are kept
	Left       Left          // how the dashboard was left the last time
	Views      []views.View  // of the config
	Clipboard  Clipboard
	Switch     Switch // to another profile
	Acting
}

// Acting is everything that a Model needs to change something. Without a Desk
// nothing is changed.
type Acting struct {
	Desk           *act.Desk
	WhyNot         string                                                                       // why there is no Desk
	WhyHint        string                                                                       // what helps against that
	OpenDesk       func() (*act.Desk, error)                                                    // tries again to open one; may be nil
	Gate           *client.Gate                                                                 // opened by :write; nil when this program may never write
	NewKey         func() string                                                                // makes an idempotency key
	Undo           time.Duration                                                                // how long a confirmed job can be recalled before it is sent
	MaxItems       int                                                                          // how many sessions one job takes; 0: plan.DefaultMax
	ReasonRequired bool                                                                         // a job needs a reason
	Exports        string                                                                       // the folder that an export is offered
	Export         func(ctx context.Context, desk *act.Desk, e Exporting) (act.Exported, error) // writes a file; may be nil
}

// Identity names the owner of the shown sessions, and the key.
type Identity struct {
	AccountID  string // as jobs and records name it
	Profile    string // its name in the config, for locators; "" without one
	Account    string // the account's name, its id, or the end of the key
	Live       bool
	ReadOnly   bool
	Restricted bool // the key has permissions of its own: it may be allowed to read sensitive results
	FullKey    bool // the key may do everything in a live account
	Demo       bool // the server is not Stripe: there is no Dashboard for its sessions
}

// Model is the state of the dashboard. The renderer reads its exported fields and
// methods.
type Model struct {
	config Config

	Width, Height int
	Theme         string // its name, one of Themes; "": auto
	Dark          bool   // the terminal's background
	Profile       colorprofile.Profile
	Shown         Extent    // of the last frame
	Mouse         bool      // idtop has the mouse; else the terminal selects text with it
	Now           time.Time // the last tick
	Identity      Identity
	Sync          Sync
	Reads         Reads
	Rise          Rise
	Insights      Insights
	Views         Views
	People        People

	List     List
	Search   Search
	Marks    Marks
	Detail   Detail
	Focus    Pane
	Modal    Modal // nil: the list or the detail has the keys
	Log      Log
	Timeline Timelines
	Jobs     Jobs
	Tour     Tour
	Person   Person
	Privacy  Privacy

	trail     trail
	memory    memory
	typing    typing
	planning  planning
	writing   writing
	exporting bool // a file is being written
	copying   copying
	desk      desk
	quitting  bool
	next      *string // the profile for which the program ends; nil: for good
}

// Pane is a part of the screen that can have the keys.
type Pane uint8

// The panes.
const (
	ListPane Pane = iota
	DetailPane
)

// New returns a model that shows nothing yet.
func New(config Config) *Model {
	m := &Model{
		config:   config,
		Theme:    config.Theme,
		Dark:     true,
		Profile:  colorprofile.TrueColor,
		Now:      config.Clock(),
		Identity: config.Identity,
		Mouse:    config.Mouse,
		Search:   newSearch(config.Search),
		List:     List{goal: noGoal},
		Jobs:     Jobs{Sending: map[string]client.Verb{}},
		Rise:     Rise{seen: map[string]time.Time{}},
		Insights: Insights{Window: 1},
		Sync:     Sync{Wish: mirror.Wish{Key: config.Clock()}},
	}
	if config.Colourless {
		m.Profile = colorprofile.ASCII
	}
	if config.Reads != nil {
		m.Reads.Used, m.Reads.Allowed = config.Reads()
	}
	m.Privacy.begin(config.Privacy)
	m.Views.keep(nil, config.Views)
	if m.Identity.FullKey {
		m.logWarning("The key can do too much: "+client.FullKeyWarning, client.FullKeyHint())
	}
	m.Tour.On = config.Tour != nil && config.Tour.Begin
	m.sayNoDesk()
	m.arrive()
	m.asLeft()
	m.trail.here = m.place()
	return m
}

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd {
	m.Sync.Wish.Screen = m.config.Context.Done()
	m.List.changes = m.config.Store.Subscribe(m.config.Context)
	m.Sync.changes = m.config.Syncer.Subscribe(m.config.Context)
	return tea.Batch(
		tea.RequestBackgroundColor,
		m.tick(),
		m.awaitStore(),
		m.awaitSyncer(),
		m.loadAccount(),
		m.readOpenJobs(),
		m.begin(),
		m.readViews(),
		m.find(request{}),
	)
}

// Keys are the operator's keys.
func (m *Model) Keys() keymap.Map { return m.config.Keys }

// say puts the operator's keys into a sentence, see keymap.Map.Text.
func (m *Model) say(text string) string { return m.config.Keys.Text(text) }

// ServerNow is the time at the server; ages are computed with it.
func (m *Model) ServerNow() time.Time { return m.Now.Add(m.Sync.Ahead) }
