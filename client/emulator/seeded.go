package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"
)

// SeedSession is a session that a world begins with, and its story until then. Its
// requests take what the API and its test helpers take.
type SeedSession struct {
	// Ago is how long before the start it was created, such as 72h; "" is an hour.
	Ago string `json:"ago"`
	// Create are the parameters of its creation.
	Create map[string]any `json:"create"`
	// Steps are the later events of the session.
	Steps []SeedStep `json:"steps"`
}

// SeedStep is one request on the session, and no more than one.
type SeedStep struct {
	// After is how long after the creation it came. What would come after the start
	// comes when the clock is there.
	After    string         `json:"after"`
	Submit   map[string]any `json:"submit"`
	Override map[string]any `json:"override"`
	Update   map[string]any `json:"update"`
	Cancel   map[string]any `json:"cancel"`
	Redact   map[string]any `json:"redact"`
}

// ReadPeople reads the sessions that a world is to begin with from a file in JSON: a
// list of SeedSession.
func ReadPeople(from io.Reader) ([]SeedSession, error) {
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	d.UseNumber()
	var list []SeedSession
	err := d.Decode(&list)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("it is no list of sessions: at byte %d is one %s", wrong.Offset, wrong.Value)
	}
	if err != nil {
		return nil, fmt.Errorf("it is no list of sessions: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the list of sessions")
	}
	return list, nil
}

// act is a request that a world makes on itself at its time.
type act struct {
	name   string // of the operation
	form   string
	of     uint32 // the position of the session's creation among the acts
	number int    // of the session in the file, from 1 on
	made   uint32 // the session's position + 1, once it was created
}

// planPeople plans the sessions that a Config names.
func (w *world) planPeople(list []SeedSession, start time.Time) error {
	for n, s := range list {
		if err := w.planStory(s, n+1, start); err != nil {
			return fmt.Errorf("session %d: %w", n+1, err)
		}
	}
	return nil
}

// planStory plans the creation of a session and its steps.
func (w *world) planStory(s SeedSession, number int, start time.Time) error {
	ago, err := readDuration("ago", s.Ago, time.Hour, longest)
	if err != nil {
		return err
	}
	first, at := uint32(len(w.acts)), start.Add(-ago)
	if err := w.planAct(at, act{name: "create", form: formOf(s.Create), of: first, number: number}); err != nil {
		return err
	}
	for _, step := range s.Steps {
		after, err := readDuration("after", step.After, 0, longest)
		if err != nil {
			return err
		}
		a, err := step.act()
		if err != nil {
			return err
		}
		a.of, a.number = first, number
		if err := w.planAct(at.Add(after), a); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) planAct(at time.Time, a act) error {
	if at.Unix() < 0 || at.After(lastTime) {
		return fmt.Errorf("%s is out of reach", at.Format(time.DateOnly))
	}
	w.queue.push(item{at: at.UnixNano(), session: uint32(len(w.acts)), step: stepAct})
	w.acts = append(w.acts, a)
	return nil
}

// act gives the request of a step.
func (s SeedStep) act() (found act, err error) {
	steps := 0
	for name, params := range map[string]map[string]any{
		"submit": s.Submit, "override": s.Override, "update": s.Update, "cancel": s.Cancel, "redact": s.Redact,
	} {
		if params != nil {
			steps++
			found = act{name: name, form: formOf(params)}
		}
	}
	if steps != 1 {
		return act{}, errors.New(`a step has one of submit, override, update, cancel and redact, such as "cancel": {}`)
	}
	return found, nil
}

// formOf writes parameters as a form.
func formOf(params map[string]any) string {
	form := url.Values{}
	var write func(name string, v any)
	write = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, one := range v {
				if name != "" {
					key = name + "[" + key + "]"
				}
				write(key, one)
			}
		case []any:
			for n, one := range v {
				write(fmt.Sprint(name, "[", n, "]"), one)
			}
		case nil:
			form.Set(name, "")
		default:
			form.Set(name, fmt.Sprint(v))
		}
	}
	write("", params)
	return form.Encode()
}

// performAct makes a planned request. One that is refused has no effect: its session
// may have gone another way meanwhile.
func (w *world) performAct(n uint32) error {
	a := &w.acts[n]
	var fields []field
	var run func(*world, *query) (answer, *apiError)
	switch a.name {
	case "create":
		fields, run = createFields, createSession
	case "submit":
		fields, run = submitFields, sessionControl{run: (*world).controlSubmit}.answer
	case "override":
		fields, run = overrideFields, sessionControl{run: (*world).controlOverride}.answer
	case "update":
		fields, run = updateFields, updateSession
	case "cancel":
		run = cancelSession
	case "redact":
		run = redactSession
	default:
		return fmt.Errorf("there is no operation %s", clip(a.name))
	}
	form, failed := parseForm(a.form, fields)
	if failed == nil {
		q := &query{form: form, access: access{live: w.live, granted: ofSecretKeys}, cause: cause{request: byIntegrator - n, created: w.seconds()}}
		if made := w.acts[a.of].made; made > 0 {
			q.id = w.sessionID(made - 1)
		}
		_, failed = run(w, q)
	}
	if failed != nil {
		return fmt.Errorf("session %d: %s: %s", a.number, a.name, failed.message)
	}
	if a.name == "create" {
		a.made = uint32(len(w.sessions))
	}
	return nil
}

// checkPeople tries the sessions that a Config names in a world without others.
func (c Config) checkPeople() error {
	if len(c.People) == 0 {
		return nil
	}
	c = c.withDefaults()
	c.Sessions, c.Traffic, c.Incident = 0, false, false
	w, start := newWorld(&c, c.Seed, ""), c.Now()
	if err := w.planPeople(c.People, start); err != nil {
		return err
	}
	for len(w.queue.items) > 0 {
		it := w.queue.pop()
		w.now = max(w.now, it.at)
		if it.step != stepAct {
			w.perform(it)
		} else if err := w.performAct(it.session); err != nil {
			return err
		}
	}
	return nil
}
