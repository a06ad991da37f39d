package model

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// Profile is a profile of the config, as far as it is known without its key.
type Profile struct {
	Name    string // "": the settings without a profile
	Account string // the only account that it opens; "": that of its key
	Mode    string // live or test; "": that of its key
	Key     string // the place of its key
}

// Switch has the profiles that the dashboard can be left for, and its arrival from another one.
type Switch struct {
	Profiles []Profile // all of the config
	Here     string    // the name of the one that is shown
	Arrived  bool      // another one was shown before
	Told     []Message // of the other one's end
}

// ProfilesBox chooses a profile. Nothing is asked of its server before.
type ProfilesBox struct {
	asksNothing
	At   int
	over Modal
}

// Profiles are the profiles of the config, and the index of the one that is shown: its account
// and its mode are known.
func (m *Model) Profiles() (all []Profile, here int) {
	all = slices.Clone(m.config.Switch.Profiles)
	here = slices.IndexFunc(all, func(p Profile) bool { return p.Name == m.config.Switch.Here })
	all[here].Account, all[here].Mode = m.Identity.AccountID, client.ModeName(m.Identity.Live)
	return all, here
}

// SwitchTo is the name of the profile for which the program ends, nil when it ends for good.
func (m *Model) SwitchTo() *string { return m.next }

// arrive tells how the profile that was shown before ended, and whose account this is. Keys that
// were typed ahead have no effect here.
func (m *Model) arrive() {
	s := m.config.Switch
	if !s.Arrived {
		return
	}
	failed := func(msg Message) bool { return msg.Level == Failure }
	for _, msg := range s.Told {
		if !failed(msg) {
			m.log(msg)
		}
	}
	m.typing.at = m.Now
	m.mute()
	msg := Message{Level: Told, Text: "This is " + m.Identity.AccountID + ", in test mode"}
	if m.Identity.Live {
		msg = Message{Level: Warning, Bold: true, Text: "This is the LIVE account " + m.Identity.AccountID + ", read-only until {:write}"}
		if m.config.Gate == nil {
			msg.Text = "This is the LIVE account " + m.Identity.AccountID + ", read-only for good"
		}
		msg.Text = m.say(msg.Text)
	}
	m.log(msg)
	for _, msg := range s.Told { // the other profile could not be shown: that is the news
		if failed(msg) {
			m.log(msg)
		}
	}
}

func (m *Model) openProfiles() tea.Cmd {
	m.mask()
	_, here := m.Profiles()
	m.Modal = &ProfilesBox{At: here, over: m.Modal}
	return nil
}

// whyNotProfiles is why this account can't be left for another one.
func (m *Model) whyNotProfiles() string {
	_, waits := m.Jobs.Countdown()
	switch {
	case m.config.Plain:
		return "plain mode shows one profile: start it with --profile"
	case len(m.config.Switch.Profiles) == 0:
		return "there is no config with profiles"
	case len(m.config.Switch.Profiles) == 1:
		return "the config has no other profile"
	case waits:
		return m.say("what was confirmed is not sent yet: {recall} recalls it")
	case len(m.Jobs.Runs)+len(m.Jobs.Sending) > 0:
		return m.say("a job is being sent: {jobs} shows it")
	case m.formSending():
		return "the answer to what was sent is not here yet"
	case m.exporting:
		return "a file is being written"
	}
	return ""
}

// refuseSwitch says that a confirmation has to be closed first.
func (m *Model) refuseSwitch() tea.Cmd {
	m.log(Message{Level: Refusal, Text: "Can't switch profile: a confirmation is open", Hint: m.say("{back-out} closes it, and nothing is sent")})
	return m.disarm(QuietTime)
}

// confirming tells whether a question about sessions is open.
func (m *Model) confirming() bool {
	switch m.Modal.(type) {
	case *Dialog, *PlanScreen:
		return true
	}
	return false
}

func (b *ProfilesBox) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	all, here := m.Profiles()
	id, ok := m.resolve(keymap.InProfiles, msg)
	rows, moves := step(id, len(all))
	switch {
	case !ok:
		m.unbound(msg)
	case moves:
		b.At = clamp(b.At+rows, len(all))
	case id == keymap.ProfilesBack, id == keymap.ProfileOpen && b.At == here:
		m.close()
	case id == keymap.ProfileOpen:
		if why := m.whyNotProfiles(); why != "" { // something has begun meanwhile
			m.log(Message{Level: Refusal, Text: "Can't switch profile: " + why})
			return nil
		}
		m.next = &all[b.At].Name
		return m.leave()
	}
	return nil
}

func (*ProfilesBox) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }
