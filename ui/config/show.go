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

// Profile is what the config says of a profile.
type Profile struct {
	Name    string // "": the settings without a profile
	Account string // "": that of the key
	Mode    string // "": that of the key
	Key     string // where the key is; what the environment or a flag gives is for one start
}

// profileNames are the names of the config's profiles.
func (o *Options) profileNames() (names []string) {
	for _, p := range o.Profiles {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// choices are the profiles of a config.
func (d *document) choices(p *Process, without bool) (all []Profile) {
	names := d.profiles()
	if without && len(names) > 0 {
		names = append([]string{""}, names...)
	}
	for _, name := range names {
		o := Options{Profile: name}
		layers, _ := d.layers(name) // it is one of d.profiles
		o.take(p, d, map[string]bool{"profile": true}, layers...)
		key := "in the keyring, or else the Stripe CLI's"
		switch {
		case o.KeyFile != "":
			key = "key_file " + safe.Quote(o.KeyFile)
		case len(o.keyCommand) > 0:
			key = "key_command " + safe.Quote(o.keyCommand[0])
		}
		all = append(all, Profile{name, o.Account, o.Mode, key})
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
	d, found := checkedDocument(p, name, text)
	return Checked{name, append([]string{}, d.profiles()...), append([]Mistake{}, found...)}, nil
}
