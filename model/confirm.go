package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/keymap"
)

// Dialog asks whether a verb is to be carried out on one session. It stays about
// that session until it is closed, however the list behind it changes. It is a form
// with one field, the confirmation.
type Dialog struct {
	question
	Words
	Row   mirror.Row   // the session at the time of the question; only its id counts
	Now   client.State // its present state, if that changed; else StateUnknown
	Block string       // why it can't be confirmed, "" when it can

	verb   client.Verb
	looks  int // at the session
	looked int // number of the last answered look
}

// Words are the texts of a dialog.
type Words struct {
	Title  string
	Verb   string // of the key that confirms, for example "cancel"
	Effect string
	Short  string // Effect for a narrow screen
	Undone string // what else is lost, or how long it takes
}

// rowRead is sent by watchRow with the session of the open dialog. An answer older
// than the last one is dropped.
type rowRead struct {
	of    *Dialog
	look  int
	row   mirror.Row
	found bool
	err   error
}

// askFor asks whether a verb is to be carried out: by a plan for marked sessions,
// for a person, and wherever a reason is required; else by a dialog for the session
// under the cursor.
func (m *Model) askFor(verb client.Verb) tea.Cmd {
	if m.many() || m.config.ReasonRequired {
		return m.planFor(verb)
	}
	row, ok := m.List.Current()
	if !ok {
		return nil
	}
	want, words := "y", Words{
		Title: "Cancel this session?", Verb: "cancel",
		Effect: "Ends it: the person can't submit any more, and its link stops working.",
		Short:  "The person can't submit any more.",
		Undone: "The failure's reason is erased from the session, not from its attempts.",
	}
	if verb == client.Redact {
		words = Words{
			Title: "Redact this session?", Verb: "redact",
			Effect: "Erases what Stripe collected: names, documents, images, and all metadata.",
			Short:  "Erases all that Stripe collected.",
			Undone: "Stripe may take up to 4 days.",
		}
		if row.State == client.StateFailed || row.State == client.StateWaiting {
			words.Undone = "It is canceled too. Stripe may take up to 4 days."
		}
		if m.Identity.Live || row.Livemode {
			want = row.ID[max(0, len(row.ID)-4):]
		}
	}
	d := &Dialog{question: asking(confirmField(want)), Words: words, Row: row.Row, Block: LookingUp, verb: verb}
	d.Fields[0].input.CharLimit = len(want)
	m.Modal = d
	m.mask()
	return tea.Batch(m.watchRow(d), m.arm(QuietTime)) // the list may be older than the store
}

// OneKey tells whether a single key confirms, that of keymap.Yes.
func (d *Dialog) OneKey() bool { return len(d.Confirm().Want) == 1 }

// key takes every key while a dialog is open. Enter never confirms.
func (d *Dialog) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id, _ := m.resolve(keymap.InDialog, msg)
	switch {
	case id == keymap.BackOut && (d.OneKey() || msg.Text == ""):
		m.close()
		return nil
	case id == keymap.No && d.OneKey():
		m.close()
		m.mute()
		return nil
	}
	confirm := d.Confirm()
	switch {
	case msg.IsRepeat:
		return nil
	case m.typing.early(&d.answer):
		return m.disarm(longQuietTime)
	case d.Block != "":
		return nil
	case d.OneKey() && (id != keymap.Yes || m.typing.gap < QuietTime): // it would be one key of several
		return m.disarm(QuietTime)
	case d.OneKey():
		m.typing.take(&d.answer, "")
		d.set(d.At, confirm.Want)
		m.typing.answered = true
		return nil
	case msg.Text != "":
		m.typing.take(&d.answer, confirm.Value())
	}
	d.edit(msg)
	if !d.Confirmed() {
		return nil
	}
	return m.completed(&d.answer)
}

func (d *Dialog) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }

// answered starts a job with the one session.
func (d *Dialog) answered(m *Model) tea.Cmd {
	if d.Block != "" || !d.Confirmed() {
		return nil
	}
	m.close()
	m.mute()
	m.remember(d.Row)
	seen := []plan.Seen{{ID: d.Row.ID, State: d.Row.State, AsOf: d.Row.AsOf, Unreadable: d.Row.Unreadable}}
	made, err := plan.New(d.verb, m.Identity.AccountID, m.Identity.Live, seen, 1)
	if err != nil {
		m.log(Message{Level: Refusal, Text: Sentence(err.Error())})
		return nil
	}
	return m.startJob(made, "")
}

// LookingUp is why a dialog can't be confirmed until its session was looked up.
const LookingUp = "it is being looked up"

// watchRow reads the session of the dialog, which may have left the page.
func (m *Model) watchRow(d *Dialog) tea.Cmd {
	d.looks++
	ctx, store, look := m.config.Context, m.config.Store, d.looks
	return func() tea.Msg {
		row, found, err := store.Get(ctx, d.Row.ID)
		return rowRead{d, look, row, found, err}
	}
}

// onRowRead blocks the confirmation unless the dialog's session is known to be in
// the state that the dialog shows.
func (m *Model) onRowRead(msg rowRead) tea.Cmd {
	d := msg.of
	if open[*Dialog](m) != d || msg.look <= d.looked {
		return nil
	}
	d.looked, d.Block, d.Now = msg.look, "", client.StateUnknown
	switch {
	case msg.err != nil:
		d.Block = "it could not be looked up"
	case !msg.found:
		d.Block = "it is not known any more"
	case msg.row.State != d.Row.State:
		d.Block, d.Now = "it has changed: back out and look again", msg.row.State
	}
	return nil
}
