package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/keymap"
)

// The fields of the plan screen.
const (
	fieldReason = "reason"
	fieldLater  = "later"
)

// What happens to sessions that Stripe is still processing.
const (
	joinLater = "yes"
	leaveOut  = "no"
)

// PlanScreen shows a plan of several sessions, and asks for its phrase. It keeps
// their ids until it is closed. When one of the sessions changes, the new plan is
// shown and the confirmation is emptied.
type PlanScreen struct {
	question
	Plan    plan.Plan
	Rows    map[string]mirror.Row // of the plan's sessions, as the mirror has them
	UserID  string                // the user_id of all of them, "" for marked sessions
	Alike   []mirror.Alike        // the user_ids that look like UserID
	Taken   bool                  // the sessions of Alike are in the plan too
	Apart   int                   // how many were marked without containing the words as typed
	Changed bool                  // a session has changed while the plan was shown
	Scroll  int                   // lines of the list of sessions

	Misplaced bool   // the phrase was typed or pasted into the reason, which did not accept it
	WhyReason string // why the reason is refused, "" when it is accepted or not checked yet

	keys     keymap.Map
	required bool   // a reason is required
	checked  string // the reason that was last checked
}

// planning numbers the questions for plans: only the answer to the last one counts.
type planning struct {
	asked  int
	asking bool // an answer is under way
	stale  bool // rows changed since the last question
}

// planned is the subject of a plan: a verb on the marked sessions, else on a
// person's sessions.
type planned struct {
	verb   client.Verb
	userID string
	alike  bool // include the sessions of user_ids that look the same
	ids    []string
	anew   bool // replaces a plan that is shown
	asked  int
}

// many tells whether cancel and redact act on more than the session under the
// cursor.
func (m *Model) many() bool { return m.Marks.Len() > 0 || m.List.View.Kind == PersonView }

// planFor plans a verb on the marked sessions, else on all sessions of the shown
// person, else on the session under the cursor.
func (m *Model) planFor(verb client.Verb) tea.Cmd {
	p := planned{verb: verb, ids: m.Marks.IDs()}
	switch {
	case len(p.ids) > 0:
	case m.many():
		p.userID, p.alike = m.List.View.UserID, m.List.View.Alike
		return tea.Batch(m.syncNow(), m.askPlan(p)) // so that the plan has the person's newest sessions too
	default:
		row, _ := m.List.Current()
		p.ids = []string{row.ID}
	}
	return m.askPlan(p)
}

// askPlan reads the sessions of a plan.
func (m *Model) askPlan(p planned) tea.Cmd {
	m.planning = planning{asked: m.planning.asked + 1, asking: true}
	p.asked = m.planning.asked
	return m.readPlan(p)
}

// readPlan reads the sessions for a plan.
func (m *Model) readPlan(p planned) tea.Cmd {
	ctx, store := m.config.Context, m.config.Store
	asked := mirror.Request{UserID: p.userID, Alike: p.alike, Rows: m.MaxMarks() + 1}
	if p.userID == "" {
		asked.Only = p.ids
	}
	return func() tea.Msg {
		page, err := findWhole(ctx, store, asked)
		read := planRead{planned: p, alike: page.Alike, err: err}
		for _, hit := range page.Rows {
			read.rows = append(read.rows, hit.Row)
		}
		if err == nil && page.Total > len(page.Rows) {
			read.err = fmt.Errorf("%d sessions are too many for one job: mark fewer", page.Total)
		}
		return read
	}
}

// planRead is sent by readPlan with the sessions for a plan.
type planRead struct {
	planned planned
	rows    []mirror.Row
	alike   []mirror.Alike
	err     error
}

// onPlanRead shows the plan, or says why there is none.
func (m *Model) onPlanRead(msg planRead) tea.Cmd {
	if msg.planned.asked != m.planning.asked {
		return nil
	}
	m.planning.asking = false
	shown := open[*PlanScreen](m)
	switch {
	case msg.planned.anew && shown == nil:
		return nil // the plan was closed meanwhile
	case !msg.planned.anew && m.Modal != nil:
		return nil // the operator has gone on
	case msg.err != nil:
		m.Modal = nil
		m.logError(msg.err)
		return nil
	}
	cmd := m.showPlan(msg, shown)
	if shown = open[*PlanScreen](m); m.planning.stale && shown != nil {
		return tea.Batch(cmd, m.planAgain(shown))
	}
	return cmd
}

// showPlan makes the plan from its sessions. A shown plan is replaced only if the
// new one differs; the reason stays.
func (m *Model) showPlan(msg planRead, shown *PlanScreen) tea.Cmd {
	seen := make([]plan.Seen, len(msg.rows))
	rows := make(map[string]mirror.Row, len(msg.rows))
	for i, row := range msg.rows {
		seen[i] = plan.Seen{ID: row.ID, State: row.State, AsOf: row.AsOf, Unreadable: row.Unreadable}
		rows[row.ID] = row
	}
	made, err := plan.New(msg.planned.verb, m.Identity.AccountID, m.Identity.Live, seen, m.config.MaxItems)
	if err != nil {
		m.Modal = nil
		m.log(Message{Level: Refusal, Text: Sentence(err.Error())})
		return nil
	}
	if shown != nil && made.Hash == shown.Plan.Hash {
		shown.Alike = msg.alike
		return nil
	}
	p := &PlanScreen{Plan: made, Rows: rows, UserID: msg.planned.userID, Alike: msg.alike, Taken: msg.planned.alike, keys: m.config.Keys, required: m.config.ReasonRequired}
	p.Apart = m.Marks.Apart(slices.Collect(maps.Keys(rows)))
	p.Fields = []Field{confirmField(""), textField(fieldReason, "Reason", m.reasonHint(), "")}
	if made.Count(plan.Wait) > 0 {
		p.Fields = append(p.Fields, choiceField(fieldLater, "Later", joinLater, leaveOut))
	}
	if shown != nil {
		p.Changed = shown.Changed || p.Taken == shown.Taken
		p.Scroll, p.At = shown.Scroll, min(shown.At, len(p.Fields)-1)
		p.set(1, shown.Value(fieldReason))
		if made.Count(plan.Wait) > 0 && shown.Plan.Count(plan.Wait) > 0 && !shown.Plan.Later {
			p.set(2, leaveOut)
		}
	}
	p.count()
	m.mask()
	m.Modal = p
	return tea.Batch(m.arm(QuietTime), m.lookAtReason(p))
}

func (m *Model) reasonHint() string {
	if m.config.ReasonRequired {
		return "required, a ticket or why; it is recorded"
	}
	return "optional, a ticket or why; it is recorded"
}

// count sets the phrase for the chosen sessions. A phrase typed for another number
// is emptied.
func (p *PlanScreen) count() {
	p.Plan.Later = len(p.Fields) > 2 && p.Value(fieldLater) == joinLater
	if want := p.Plan.Phrase(); p.Fields[0].Want != want {
		p.set(0, "")
		p.Fields[0].Want = want
	}
}

// reason is the typed reason.
func (p *PlanScreen) reason() string { return strings.TrimSpace(p.Value(fieldReason)) }

// Block says why the plan can't be confirmed, "" when it can. While there is a
// reason why not, the confirmation accepts no text.
func (p *PlanScreen) Block() string {
	switch {
	case p.Plan.Acts() == 0:
		return "there is nothing to do"
	case p.required && p.reason() == "":
		return p.keys.Text("needs a reason first: {next-field}")
	case p.reason() != p.checked && !p.answering():
		return p.keys.Text("{next-field} comes back here")
	case p.reason() != p.checked:
		return "the reason is being looked at"
	case p.WhyReason != "":
		return p.WhyReason + p.keys.Text(": {next-field} to change it")
	}
	return ""
}

// Actor is the person who acts, as the records name them, and the key in use: its
// kind and its end.
func (m *Model) Actor() (who ledger.Actor, key string) {
	if desk := m.config.Desk; desk != nil {
		return desk.Actor(), desk.Key.String()
	}
	return ledger.Actor{}, ""
}

// Undo is how long a confirmed job can be recalled before it is sent.
func (m *Model) Undo() time.Duration { return m.config.Undo }

// lookAtReason checks whether the reason can be recorded, unless it was checked
// already.
func (m *Model) lookAtReason(p *PlanScreen) tea.Cmd {
	if reason := p.reason(); reason != p.checked {
		return m.checkReason(reason, p.Plan)
	}
	return nil
}

// checkReason checks whether a reason for the shown plan can be recorded.
func (m *Model) checkReason(reason string, made plan.Plan) tea.Cmd {
	ctx, desk := m.config.Context, m.config.Desk
	return func() tea.Msg {
		if desk == nil {
			return reasonChecked{reason, errNotActing}
		}
		return reasonChecked{reason, desk.CheckReason(ctx, reason, made)}
	}
}

// reasonChecked is sent by checkReason: err says why it can't be recorded.
type reasonChecked struct {
	reason string
	err    error
}

// onReasonChecked shows why a reason can't be recorded, if that reason is still in
// the field.
func (m *Model) onReasonChecked(msg reasonChecked) tea.Cmd {
	p := open[*PlanScreen](m)
	if p == nil || p.reason() != msg.reason {
		return nil
	}
	p.checked, p.WhyReason = msg.reason, ""
	if msg.err != nil {
		p.WhyReason = msg.err.Error()
	}
	return nil
}

// key takes every key while a plan is shown. Enter never confirms.
func (p *PlanScreen) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	confirming, screen := p.answering(), max(1, m.Shown.Plan)
	letter, _ := m.resolve(keymap.InPlan, msg)
	switch id := m.bound(keymap.InPlan, msg); {
	case id == keymap.BackOut:
		m.close()
		return nil
	case id == keymap.PageUp:
		p.scroll(-screen, screen)
		return nil
	case id == keymap.PageDown:
		p.scroll(+screen, screen)
		return nil
	case letter == keymap.Alike && m.typing.gap >= QuietTime && len(p.Alike) > 0 && confirming && p.Confirm().Value() == "":
		return m.planAlike(p) // a letter typed right after others belongs to a phrase
	}
	if confirming && msg.Text != "" && p.Block() != "" {
		return nil
	}
	from := p.At
	cmd, taken := m.fill(keymap.InPlan, msg, &p.question)
	if taken {
		return cmd
	}
	p.takeOutPhrase()
	p.count()
	if p.At != from {
		return m.lookAtReason(p)
	}
	return nil
}

func (p *PlanScreen) scroll(lines, screen int) {
	p.Scroll = max(0, min(p.Scroll+lines, len(p.Plan.Entries)+len(p.Plan.Reasons)-screen))
}

func (p *PlanScreen) paste(_ *Model, msg tea.PasteMsg) tea.Cmd {
	p.fields.paste(msg)
	p.takeOutPhrase()
	return nil
}

// answered starts the plan, unless it has changed meanwhile.
func (p *PlanScreen) answered(m *Model) tea.Cmd {
	if !p.Confirmed() || p.Block() != "" {
		return nil
	}
	m.close()
	m.mute()
	m.remember(slices.Collect(maps.Values(p.Rows))...)
	return m.startJob(p.Plan, p.reason())
}

// takeOutPhrase removes a phrase from the reason that was meant for Confirm: the
// reason would be recorded for ever.
func (p *PlanScreen) takeOutPhrase() {
	value := p.Value(fieldReason)
	phrase := plan.FindPhrase(value)
	p.Misplaced = phrase != ""
	if p.Misplaced {
		before, after, _ := strings.Cut(value, phrase)
		p.set(1, strings.TrimSpace(before+after))
	}
}

// planAgain makes the shown plan again, for the same ids or the same person.
func (m *Model) planAgain(shown *PlanScreen) tea.Cmd {
	if m.planning.asking {
		m.planning.stale = true
		return nil
	}
	p := planned{verb: shown.Plan.Verb, userID: shown.UserID, alike: shown.Taken, anew: true}
	for _, entry := range shown.Plan.Entries {
		p.ids = append(p.ids, entry.ID)
	}
	return m.askPlan(p)
}

// planAlike adds the sessions of user_ids that look the same to the plan, or
// removes them again. No phrase begins with its key.
func (m *Model) planAlike(p *PlanScreen) tea.Cmd {
	return m.askPlan(planned{verb: p.Plan.Verb, userID: p.UserID, alike: !p.Taken, anew: true})
}
