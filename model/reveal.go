package model

import (
	"cmp"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/keymap"
)

// RevealTime is how long a person's details stay readable.
const RevealTime = 15 * time.Second

// Revealed is one group of a person's details, while it is readable. The others are not
// in memory.
type Revealed struct {
	Revealing bool // it is being read
	Group     Group
	Outputs   *client.VerifiedOutputs // nil unless revealed
	Provided  *client.ProvidedDetails // of the group of e-mail and phone; may be nil
	HideAt    time.Time               // when it is masked again
}

// Group is a part of a person's details. Each is revealed on its own.
type Group uint8

// The groups.
const (
	NameGroup Group = iota
	BirthGroup
	AddressGroup
	ContactGroup
	NumberGroup
	GroupCount
)

// Groups are the groups, each with its key.
var Groups = [GroupCount]struct {
	Action keymap.ID
	Name   string   // in records too
	expand []string // the fields that are read of a session
	secret bool     // only a restricted key can read it
}{
	NameGroup:    {keymap.RevealName, "name", []string{"verified_outputs"}, false},
	BirthGroup:   {keymap.RevealBirth, "birth", []string{"verified_outputs.dob", "verified_outputs.sex", "verified_outputs.unparsed_sex", "verified_outputs.unparsed_place_of_birth"}, true},
	AddressGroup: {keymap.RevealAddress, "address", []string{"verified_outputs"}, false},
	ContactGroup: {keymap.RevealContact, "e-mail, phone", []string{"verified_outputs", "provided_details"}, false},
	NumberGroup:  {keymap.RevealNumber, "id number", []string{"verified_outputs.id_number"}, true},
}

// of returns the values of the group in a session that was read, and no others.
func (g Group) of(s client.Session) Revealed {
	all := s.VerifiedOutputs
	if all == nil {
		all = &client.VerifiedOutputs{}
	}
	r := Revealed{Group: g}
	switch g {
	case NameGroup:
		r.Outputs = &client.VerifiedOutputs{FirstName: all.FirstName, LastName: all.LastName}
	case BirthGroup:
		r.Outputs = &client.VerifiedOutputs{DOB: all.DOB, Sex: all.Sex, UnparsedSex: all.UnparsedSex, UnparsedPlaceOfBirth: all.UnparsedPlaceOfBirth}
	case AddressGroup:
		r.Outputs = &client.VerifiedOutputs{Address: all.Address}
	case ContactGroup:
		r.Outputs, r.Provided = &client.VerifiedOutputs{Email: all.Email, Phone: all.Phone}, s.ProvidedDetails
	case NumberGroup:
		r.Outputs = &client.VerifiedOutputs{IDNumber: all.IDNumber, IDNumberType: all.IDNumberType}
	}
	return r
}

// Fact is one revealed value and its name.
type Fact struct {
	Name  string
	Value client.Private
}

// Facts are the revealed values; none while nothing is revealed.
func (r Revealed) Facts() (facts []Fact) {
	o := r.Outputs
	if o == nil {
		return nil
	}
	add := func(name string, value client.Private) {
		if value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add("name", client.Private(strings.TrimSpace(o.FirstName.Reveal()+" "+o.LastName.Reveal())))
	add("born", o.DOB.Private())
	add("in", o.UnparsedPlaceOfBirth)
	add("sex", cmp.Or(o.Sex, o.UnparsedSex))
	add("id number", o.IDNumber)
	add("kind", client.Private(strings.ReplaceAll(o.IDNumberType, "_", " ")))
	add("email", o.Email)
	add("phone", o.Phone)
	if p := r.Provided; p != nil {
		add("given", p.Email)
		add("given", p.Phone)
	}
	if a := o.Address; a != nil {
		var parts []string
		for _, part := range []client.Private{a.Line1, a.Line2, a.PostalCode, a.City, a.State, client.Private(a.Country)} {
			if part != "" {
				parts = append(parts, part.Reveal())
			}
		}
		add("address", client.Private(strings.Join(parts, ", ")))
	}
	return facts
}

// values are the revealed values without their names.
func (r Revealed) values() (values []string) {
	for _, fact := range r.Facts() {
		values = append(values, fact.Value.Reveal())
	}
	return values
}

// RevealLine asks which group is to be revealed. Any other key leaves it.
type RevealLine struct {
	asksNothing
	row mirror.Row
}

// toggleReveal asks which group to show for a while, or masks the shown one.
func (m *Model) toggleReveal() tea.Cmd {
	d := &m.Detail
	if d.Outputs != nil || d.Revealing {
		m.mask()
		return nil
	}
	row, _ := m.List.Current()
	var open tea.Cmd
	if !d.Open || !d.Wanted {
		open = m.openDetail()
	}
	m.Modal = &RevealLine{row: row.Row}
	return open
}

func (l *RevealLine) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	m.Modal = nil
	id, _ := m.resolve(keymap.InReveal, msg)
	for g := range GroupCount {
		if Groups[g].Action == id {
			return m.reveal(l.row, g)
		}
	}
	return nil
}

func (*RevealLine) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }

// WhyNotGroup says why a group can't be revealed, "" when it can.
func (m *Model) WhyNotGroup(g Group) string {
	if Groups[g].secret && !m.Identity.Restricted {
		return "needs a restricted key that may read sensitive results"
	}
	return ""
}

// reveal reads a group for the pane, once its record is on the disk.
func (m *Model) reveal(row mirror.Row, g Group) tea.Cmd {
	current, ok := m.List.Current()
	if !ok || current.ID != row.ID { // the list has moved on
		return nil
	}
	if why := cmp.Or(m.whyNotReveal(current.Row), m.WhyNotGroup(g)); why != "" {
		m.log(Message{Level: Refusal, Text: "Can't reveal " + Groups[g].Name + ": " + why})
		return nil
	}
	m.mask()
	m.Detail.Revealing, m.Detail.Group = true, g
	ctx, api, store, clock, generation, desk := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.typing.waits[masked], m.config.Desk
	return func() tea.Msg {
		if err := desk.Note(ledger.Reveal, row.ID, row.UserID, Groups[g].Name, ""); err != nil {
			return outputsRead{generation: generation, err: err}
		}
		session, err := readInto(ctx, api, store, clock, row.ID, Groups[g].expand...)
		read := outputsRead{generation: generation, none: session.VerifiedOutputs == nil, err: err}
		if err == nil {
			read.revealed = g.of(session)
		}
		return read
	}
}

// outputsRead is sent by reveal.
type outputsRead struct {
	generation int
	revealed   Revealed
	none       bool // Stripe gave no outputs
	err        error
}

func (m *Model) onOutputsRead(msg outputsRead) tea.Cmd {
	d := &m.Detail
	if msg.generation != m.typing.waits[masked] || !d.Revealing {
		return nil
	}
	d.Revealing = false
	row, _ := m.List.Current()
	switch kind := client.KindOf(msg.err); {
	case msg.err != nil && Groups[d.Group].secret && (kind == client.KindPermission || kind == client.KindState || kind == client.KindUnknown):
		m.logErrorOf(row.Row, msg.err)
		m.logWarning("Stripe gave no "+Groups[d.Group].Name+" of "+m.name(row.Row), "it needs a restricted key that may read sensitive results")
		return nil
	case msg.err != nil:
		m.logErrorOf(row.Row, msg.err)
		return nil
	case msg.none:
		m.logWarning("Stripe gave no verified outputs of "+m.name(row.Row), "the key may lack the permission to read them")
		return nil
	}
	d.Revealed = msg.revealed
	d.HideAt = m.Now.Add(RevealTime)
	return m.afterQuiet(masked, RevealTime)
}

// staysReadable tells whether a revealed group stays readable after an action: nothing moves,
// opens or covers it.
func staysReadable(id keymap.ID) bool {
	switch id {
	case keymap.Reveal, keymap.CopySession, keymap.CopyUser, keymap.CopyLocator, keymap.Dashboard, keymap.Mark, keymap.Unmark,
		keymap.SyncNow, keymap.Pause, keymap.Redraw, keymap.Recall, keymap.Mouse:
		return true
	}
	return false
}

// mask forgets the revealed group: on a key, when its time is over, when the cursor or the
// focus leaves, before a dialog opens, and before the program leaves the screen.
func (m *Model) mask() {
	m.typing.waits[masked]++ // a group that is being read is not shown any more
	m.Detail.Revealed = Revealed{}
}

// verifiedShown tells whether the opened session has verified outputs to reveal.
func (m *Model) verifiedShown() bool {
	row, _ := m.List.Current()
	return m.Detail.Open && m.Detail.Wanted && row.State == client.StateVerified
}

func (m *Model) whyNotReveal(row mirror.Row) string {
	switch {
	case m.config.Desk == nil: // nothing is shown without a record
		return m.config.WhyNot
	case row.Erased():
		return "they are erased"
	case row.State != client.StateVerified:
		return "there are none until it is verified"
	}
	return ""
}

func (m *Model) revealTitle() string {
	if m.Detail.Outputs != nil {
		return "mask"
	}
	return ""
}
