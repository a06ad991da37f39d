package config

import "idtop/ui/safe"

// Shown is a setting as it counts at this start.
type Shown struct {
	Name  string `json:"setting"`
	Value any    `json:"value"` // null: nothing is set
	From  string `json:"from"`  // a flag, a profile, the config, or the default
	Usual string `json:"usual"` // what the default is, in words
}

// ByDefault is the From of a setting that nothing sets.
const ByDefault = "default"

// Show returns all settings, in the order of the table.
func (o *Options) Show() []Shown {
	all := make([]Shown, len(settings))
	for i, s := range settings {
		all[i] = Shown{Name: s.name, From: ByDefault, Usual: s.usual}
		if from := o.from[s.name]; from != "" {
			all[i].Value, all[i].From = s.show(o), from
		}
	}
	return all
}

// KeySource says where the next start with these options takes the key from. Nothing
// is read there.
func (o *Options) KeySource(p *Process) string {
	switch {
	case p.Getenv(KeyVariable) != "":
		return KeyVariable
	case o.keySource != "":
		return o.NamedKey()
	}
	return o.RingSource() + ", or else the Stripe CLI"
}

// NamedKey names the file or the command of the key, "" when there is none.
func (o *Options) NamedKey() string {
	if o.KeyFile != "" {
		return o.keySource + " " + safe.Quote(o.KeyFile)
	}
	return o.keySource
}

// Checked is what `config check` finds.
type Checked struct {
	File     string    `json:"file"` // "": there is no config
	Profiles []string  `json:"profiles"`
	Mistakes []Mistake `json:"mistakes"`
}

// Check finds all mistakes of a config, those of each profile too. It fails when the
// file can't be read.
func Check(p *Process, file string) (Checked, error) {
	name, text, err := (&Options{File: file}).findConfig(p)
	if err != nil || text == nil {
		return Checked{Profiles: []string{}, Mistakes: []Mistake{}}, err
	}
	d, found := readDocument(name, text)
	if found == nil {
		found = d.check(p)
	}
	return Checked{name, append([]string{}, d.profiles()...), append([]Mistake{}, found...)}, nil
}
