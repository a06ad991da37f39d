package model

import (
	"strings"
	"testing"
	"time"

	"idtop/client"
)

func profiles(c *Config) {
	c.Switch = Switch{Here: "test", Profiles: []Profile{{Name: "live", Account: "acct_2", Mode: "live", Key: "the keyring"}, {Name: "test"}}}
}

// The chosen profile is what the program ends for. Nothing is asked of Stripe before.
func TestSwitchOfProfiles(t *testing.T) {
	withRig(t, profiles, func(t *testing.T, r *rig) {
		asked := len(r.api.posts)
		r.press("/", "a", "enter", "space", "ctrl+o")
		all, here := r.m.Profiles()
		if b := open[*ProfilesBox](r.m); b == nil || b.At != 1 || here != 1 || all[1] != (Profile{"test", "acct_1", "test", ""}) || all[0].Account != "acct_2" {
			t.Fatalf("the box is %+v of %+v", b, all)
		}
		r.press("enter")
		if r.m.Modal != nil || quits(r) != 0 {
			t.Fatal("the profile that is shown was left")
		}
		for _, back := range []string{"esc", "ctrl+o", "ctrl+c"} {
			r.press("ctrl+o", "k", back)
			if r.m.Modal != nil || quits(r) != 0 {
				t.Fatalf("%s does not stay", back)
			}
		}
		r.press("i", "ctrl+o", "esc")
		if !r.m.Overlay().Is(InsightsOverlay) {
			t.Error("the page below did not come back")
		}
		r.press("ctrl+o", "k", "enter")
		if to := r.m.SwitchTo(); quits(r) != 1 || to == nil || *to != "live" || len(r.api.posts) != asked {
			t.Errorf("%d quits, to %v", quits(r), to)
		}
	})
	withRig(t, profiles, func(t *testing.T, r *rig) {
		r.press("q")
		if quits(r) != 1 || r.m.SwitchTo() != nil {
			t.Error("a quit is no quit for good")
		}
	})
}

// An account is not left while something is sent or a confirmation is open.
func TestSwitchHasToWait(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(*rig)
		why   string
	}{
		"no config":     {func(r *rig) { r.m.config.Switch = Switch{} }, "Can't switch profile: there is no config with profiles"},
		"one profile":   {func(r *rig) { r.m.config.Switch.Profiles = r.m.config.Switch.Profiles[1:] }, "Can't switch profile: the config has no other profile"},
		"a dialog":      {func(r *rig) { r.press("c") }, "Can't switch profile: a confirmation is open"},
		"a plan":        {func(r *rig) { r.press("space", "k", "space", "r") }, "Can't switch profile: a confirmation is open"},
		"a countdown":   {func(r *rig) { r.m.config.Undo = time.Minute; r.confirmed() }, "Can't switch profile: what was confirmed is not sent yet: z recalls it"},
		"a job":         {func(r *rig) { r.m.Jobs.Sending[annsID] = client.Cancel }, "Can't switch profile: a job is being sent: J shows it"},
		"an export":     {func(r *rig) { r.m.exporting = true }, "Can't switch profile: a file is being written"},
		"a job, on top": {func(r *rig) { r.press("J"); r.m.Jobs.Sending[annsID] = client.Cancel }, "Can't switch profile: a job is being sent: J shows it"},
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, profiles, func(t *testing.T, r *rig) {
				c.begin(r)
				before := r.m.Modal
				r.press("ctrl+o")
				last := r.m.Log.Messages[len(r.m.Log.Messages)-1]
				if open[*ProfilesBox](r.m) != nil || r.m.Modal != before || last.Text != c.why {
					t.Errorf("the modal is %T, the last message %q", r.m.Modal, last.Text)
				}
			})
		})
	}
	withRig(t, profiles, func(t *testing.T, r *rig) { // it begins while the box is open
		r.press("ctrl+o", "k")
		r.m.Jobs.Sending[annsID] = client.Cancel
		r.press("enter")
		if quits(r) != 0 || r.m.SwitchTo() != nil || open[*ProfilesBox](r.m) == nil {
			t.Error("the account was left while a job was sent")
		}
	})
}

// confirmed confirms that the session under the cursor is canceled.
func (r *rig) confirmed() {
	r.press("c")
	r.pass(time.Second)
	r.press("y")
	r.settle()
}

// A model that comes after another one has its last messages, says where it is, and takes
// no key that was typed for the other one.
func TestArrival(t *testing.T) {
	arrived := func(told ...Message) func(*Config) {
		return func(c *Config) { profiles(c); c.Switch.Arrived, c.Switch.Told = true, told }
	}
	head := Message{Level: Told, Text: "Ledger head 7"}
	failed := Message{Level: Failure, Text: "The other profile can't be shown"}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
		bold   bool
	}{
		"test":       {arrived(head), "Ledger head 7|This is acct_1, in test mode", false},
		"live":       {func(c *Config) { arrived(head)(c); c.Identity.Live, c.Gate = true, new(client.Gate) }, "Ledger head 7|This is the LIVE account acct_1, read-only until :write", true},
		"live, shut": {func(c *Config) { arrived()(c); c.Identity.Live = true }, "This is the LIVE account acct_1, read-only for good", true},
		"back":       {arrived(failed, head), "Ledger head 7|This is acct_1, in test mode|The other profile can't be shown", false},
		"first":      {profiles, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				c.change(&r.m.config)
				r.m.Identity.Live = r.m.config.Identity.Live
				r.m.arrive()
				var said []string
				bold := false
				for _, msg := range r.m.Log.Messages {
					said, bold = append(said, msg.Text), bold || msg.Bold
				}
				if got := strings.Join(said, "|"); got != c.want || bold != c.bold {
					t.Errorf("%q, bold %t", got, bold)
				}
			})
		})
	}
}

// Keys that come at once after the switch were typed for the other account.
func TestKeysTypedAheadOfASwitch(t *testing.T) {
	withRig(t, func(c *Config) { profiles(c); c.Switch.Arrived = true }, func(t *testing.T, r *rig) {
		r.m.arrive()
		r.press("r", "2", "enter")
		if r.m.Modal != nil || r.m.List.Tab != 0 {
			t.Error("a key that was typed ahead acts")
		}
		r.pass(QuietTime)
		r.press("2")
		if r.m.List.Tab != 1 {
			t.Error("keys stay without effect")
		}
	})
}
