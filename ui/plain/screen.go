package plain

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/guard"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// Config is the program that plain mode runs.
type Config struct {
	Model tea.Model    // takes the messages
	State *model.Model // the same model, to read from
	Keys  keymap.Map
	In    io.Reader
	Out   io.Writer
	Echo  bool // nobody else writes the lines that are read, as a terminal does

	Continued <-chan struct{} // has a value when the program goes on after it was stopped
}

const (
	patience    = 700 * time.Millisecond // how long an answer is awaited before the page is said without it
	answerTime  = 5 * time.Second        // how long after a line its effects are its answer
	newsEvery   = 5 * time.Second        // how often changes are told
	openingTime = 3 * time.Second        // how long the first rows are awaited
)

// screen runs a model and says its changes.
type screen struct {
	Config
	events chan event
	over   chan struct{}

	epoch   int       // the number of the last line
	pending int       // commands that it caused and that are not answered
	typedAt time.Time // when it was taken
	busy    bool      // nothing was said since
	action  keymap.ID // of the last line, "" when it was text
	rests   int       // counts the waits for a rest
	resting bool      // an answer waits for its rest
	quit    bool

	page     page // as it was said last
	base     page // the last one that no modal covered
	askedAt  time.Time
	messages int // how many were logged
	reply    []said
	owed     []said            // what nobody asked for
	told     map[string]string // by subject, the key of the last line about it
	revealed bool
	toldAt   time.Time
	prompted bool
	err      error
}

// event is a message, and the number of the line that caused it.
type event struct {
	msg   tea.Msg
	epoch int
}

// rest ends the wait after an answer.
type rest struct{ n int }

// Run says what happens until the operator quits, there are no more lines, or ctx ends.
func Run(ctx context.Context, c Config) error {
	defer guard.Catch()
	s := &screen{Config: c, events: make(chan event), over: make(chan struct{}), told: map[string]string{}}
	defer close(s.over)
	lines := read(c.In, s.over)
	for _, width := range []int{Width - 1, Width} { // the detail is open only where it was opened
		s.update(event{msg: tea.WindowSizeMsg{Width: width, Height: Height}})
	}
	s.do(c.Model.Init(), 0)
	if !s.open(ctx) {
		return s.err
	}
	news := time.NewTicker(time.Second)
	defer news.Stop()
	for !s.quit && s.err == nil {
		var next chan typed
		var late <-chan time.Time
		wait := time.Until(s.typedAt.Add(patience))
		switch {
		case !s.busy || s.resting:
			next = lines
		case wait > 0:
			late = time.After(wait)
		}
		if s.busy && (s.pending == 0 || wait <= 0) && !s.resting {
			s.speak()
			continue
		}
		if next != nil && !s.resting {
			s.prompt()
		}
		select {
		case <-ctx.Done():
			s.say(nil)
			return s.err
		case e := <-s.events:
			s.take(e)
		case t, more := <-next:
			if !more {
				s.say(nil)
				return s.err
			}
			s.typed(t)
		case <-late:
		case <-s.Continued:
			s.resume()
		case <-news.C:
			s.tell()
		}
	}
	return s.err
}

// open waits for the first rows, and says the first page.
func (s *screen) open(ctx context.Context) bool {
	timer := time.NewTimer(openingTime)
	defer timer.Stop()
	for waits := true; waits && !s.quit; {
		m := s.State
		if m.List.Loaded && !m.List.Page.Loading && link(m).key != "connecting" && m.Rise.Until != 0 {
			break
		}
		select {
		case <-ctx.Done():
			return false
		case e := <-s.events:
			s.take(e)
		case <-timer.C:
			waits = false
		}
	}
	s.Model.View()
	s.page = pageOf(s.State).taken()
	s.base = s.page
	s.told["page"] = s.page.news.key
	if risen := s.State.Rise.Risen(); len(risen) > 0 { // the last hour says it
		s.owed = slices.DeleteFunc(s.owed, func(l said) bool { return strings.Contains(l.text, " rose: "+risen[0].Numbers()) })
	}
	s.say(append(append(header(s.State), s.page.whole()...), s.owed...))
	s.owed, s.told["link"] = nil, link(s.State).key
	if s.State.Rise.Known {
		s.told["hour"] = hourKey
	}
	return true
}

// do carries out a command in the background.
func (s *screen) do(cmd tea.Cmd, epoch int) {
	if cmd == nil {
		return
	}
	if epoch == s.epoch {
		s.pending++
	}
	guard.Go(func() {
		var msg tea.Msg
		defer func() {
			select {
			case s.events <- event{msg, epoch}:
			case <-s.over:
			}
		}()
		defer guard.Catch()
		msg = cmd()
	})
}

// take takes the answer of a command.
func (s *screen) take(e event) {
	answers := e.epoch == s.epoch
	if answers {
		s.pending--
	}
	switch msg := e.msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.do(cmd, e.epoch)
		}
		return
	case tea.QuitMsg:
		s.quit = true
		return
	case rest:
		if msg.n != s.rests {
			return
		}
		s.resting, s.typedAt = false, time.Now()
		e.msg = model.Rest{}
	}
	s.update(e)
	if answers && e.epoch > 0 && time.Since(s.typedAt) < answerTime || s.page.asks || s.revealed {
		s.follow()
	}
}

// update gives a message to the model, and keeps the messages that it logs.
func (s *screen) update(e event) {
	var cmd tea.Cmd
	s.Model, cmd = s.Model.Update(e.msg)
	s.do(cmd, e.epoch)
	logged, total := s.State.Log.Since(s.messages)
	s.messages = total
	for _, msg := range logged {
		if text := line(messageWords(s.State, msg)); e.epoch == s.epoch && e.epoch > 0 && time.Since(s.typedAt) < answerTime {
			s.reply = append(s.reply, text)
		} else {
			s.owed = append(s.owed, text)
		}
	}
}

// follow says the effects of a line that come after its first answer.
func (s *screen) follow() {
	if s.busy {
		return
	}
	if lines := s.changes(); len(lines) > 0 {
		s.say(lines)
	}
}

// resume goes on after the program was stopped. The shell has written behind the prompt.
func (s *screen) resume() {
	s.prompted = false
	s.update(event{msg: tea.ResumeMsg{}, epoch: s.epoch})
	s.say(s.changes())
}

// typed takes a line.
func (s *screen) typed(t typed) {
	s.echo(t.text)
	s.prompted = false
	s.epoch++
	s.pending, s.typedAt, s.busy, s.action = 0, time.Now(), true, ""
	text := strings.TrimSpace(t.text)
	takes, answer := s.State.TakesLines()
	switch again, _ := s.Keys.Resolve(keymap.Plain, text); {
	case s.resting && (t.tooLong || again == keymap.Again): // the answer did not come alone
		s.send("", t.at)
	case t.tooLong:
		s.reply = append(s.reply, line("That line is too long: nothing was done with it"))
	case again == keymap.Again, text == "comma" && !takes, text == "" && !takes:
		s.reply = append(s.reply, s.page.current()...)
	case takes:
		s.fill(text, t.at, answer)
	case len(text) > 1 && (text[0] == '/' || text[0] == ':'):
		s.press(text[:1], t.at)
		s.compose(text[1:], t.at)
	default:
		if !s.press(text, t.at) {
			s.reply = append(s.reply, said{text: ended(text+" names no key") + " " + sentences("Type one key in a line, such as j or enter: question mark says them all")})
		}
	}
}

// press gives the key that a text names to the model.
func (s *screen) press(name string, at time.Time) bool {
	key, ok := keyNamed(name)
	if !ok {
		return false
	}
	s.action, _ = s.Keys.Resolve(modeOfKeys(s.State), key.String())
	s.update(event{model.Key{KeyPressMsg: key, At: at}, s.epoch})
	return true
}

// compose carries on with the text that stood behind / or : in the same line.
func (s *screen) compose(text string, at time.Time) {
	switch p, isPalette := s.State.Modal.(*model.Palette); {
	case isPalette:
		s.send(text, at)
		if p.At >= len(p.Entries) {
			return
		}
		e := p.Entries[p.At]
		exact := strings.EqualFold(e.Name, strings.TrimSpace(text))
		if e.Command != nil { // what lets an account be changed wants enter in a line of its own
			exact = e.Command.Name != keymap.Write && strings.HasPrefix(strings.TrimSpace(text), e.Name)
		}
		if exact {
			s.press("enter", at)
		}
	case s.State.Typing():
		s.send(text, at)
		s.press("enter", at)
	default:
		if takes, _ := s.State.TakesLines(); takes {
			s.send(text, at)
		}
	}
}

// fill takes a line while a field or a question has the keys.
func (s *screen) fill(text string, at time.Time, answer bool) {
	key, named := keyNamed(text)
	name := key.String()
	_, dialog := s.State.Modal.(*model.Dialog)
	_, palette := s.State.Modal.(*model.Palette)
	acts := !answer || name == "esc" || name == "ctrl+c" || !dialog && fieldKeys[name]
	switch {
	case named && acts && len(text) > 1:
		s.press(text, at)
		if palette && name == "enter" {
			s.await()
		}
	case answer && s.page.asks && at.Before(s.askedAt.Add(model.QuietTime)):
		s.reply = append(s.reply, line("That line came before the question could be read: it does not count"))
		s.update(event{model.Noise{At: at}, s.epoch})
	case answer:
		s.send(text, at)
		s.await()
	case text == "" && (palette || isHelp(s.State)):
		s.reply = append(s.reply, s.page.current()...)
	case text == "":
		s.press("enter", at)
	default:
		s.send(text, at)
	}
}

func isHelp(m *model.Model) bool { _, is := m.Modal.(*model.Help); return is }

// send gives a text to the field or the question; in quotes it is text in any case.
func (s *screen) send(text string, at time.Time) {
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	s.update(event{model.Line{Text: text, At: at}, s.epoch})
}

// await lets an answer count when no other line comes with it.
func (s *screen) await() {
	s.rests++
	s.resting = true
	ended := rest{s.rests}
	s.do(tea.Tick(model.QuietTime, func(time.Time) tea.Msg { return ended }), s.epoch)
}

// modeOfKeys is what keys mean now, to name the action of one.
func modeOfKeys(m *model.Model) keymap.Mode {
	switch o := m.Overlay(); {
	case isHelp(m):
		return keymap.HelpMode | keymap.Overlay
	case o.Is(model.JobsOverlay):
		return keymap.Overlay | keymap.JobsMode
	case o.Is(model.InsightsOverlay):
		return keymap.Overlay | keymap.InsightsMode
	case o.Is(model.TimelineOverlay):
		return keymap.Overlay | keymap.TimelineMode
	case o.Is(model.ViewsOverlay):
		return keymap.Overlay | keymap.ViewsMode
	case o.Is(model.PeopleOverlay):
		return keymap.Overlay | keymap.PeopleMode
	case o != nil:
		return keymap.Overlay
	}
	if _, columns := m.Modal.(*model.ColumnsBox); columns {
		return keymap.InColumns
	}
	return keymap.Panes
}

// speak answers the last line.
func (s *screen) speak() {
	s.busy = false
	lines := s.changes()
	if len(lines) == 0 {
		lines = s.nothing()
	}
	s.say(lines)
}

// changes are the lines that were not said yet: the answer to a line, the page, and jobs.
func (s *screen) changes() []said {
	s.Model.View() // where scrolling ends
	p := pageOf(s.State).taken()
	lines := s.reply
	s.reply = nil
	was, revealed := s.revealed, s.State.Detail.Outputs != nil
	masked := was && !revealed
	if s.revealed = revealed; masked {
		lines = append(lines, line("Masked again"))
		masked = p.name.key == s.page.name.key
	}
	for _, run := range s.State.Jobs.Active() {
		if _, told := s.told[jobName(run.Job)]; !told {
			begun := runLine(s.State, run)
			s.told[jobName(run.Job)] = begun.key
			lines = append(lines, begun)
		}
	}
	switch was := s.page; {
	case masked: // nobody asked for the lines that come into sight in its place
	case p.name.key != was.name.key && p.name.key == s.base.name.key: // back from what covered it
		back := p.since(s.base)
		switch {
		case was.asks && len(lines)+len(back) == 0:
			lines = append(lines, line("Backed out"))
			back = p.current()
		case !was.asks:
			lines = append(lines, p.name)
		}
		if !was.asks && len(back) == 0 {
			back = p.current()
		}
		lines = append(lines, fresh(back, lines)...)
	default:
		if lines = append(lines, p.since(was)...); len(lines) == 0 && len(p.outro) < len(was.outro) {
			lines = append([]said{line("Closed")}, p.current()...)
		}
	}
	if p.asks && len(fresh(p.outro, s.page.outro)) > 0 {
		s.askedAt = time.Now()
	}
	if s.page = p; s.State.Modal == nil && s.State.Focus == model.ListPane {
		s.base = p
	}
	s.told["page"] = s.page.news.key // it has been said by now: it is no news
	return lines
}

// nothing answers a line that has changed nothing.
func (s *screen) nothing() []said {
	action, ok := keymap.Lookup(s.action)
	switch {
	case s.action == keymap.Redraw:
		return s.page.whole()
	case s.action == keymap.SyncNow:
		return []said{line("Reading from Stripe now")}
	case s.page.at < 0:
		return []said{line("Nothing changes"), s.page.name}
	case !ok || action.Group == keymap.Moving:
		return append([]said{line("Nothing changes")}, s.page.current()...)
	}
	told := ": nothing changes"
	if s.pending > 0 {
		told = ": the answer is still to come"
	}
	return append([]said{line(s.State.Title(action) + told)}, s.page.current()...)
}

// tell says in one line the changes that nobody asked for. It is silent while something is asked.
func (s *screen) tell() {
	if s.busy || s.page.asks || time.Since(s.toldAt) < newsEvery {
		return
	}
	p := pageOf(s.State)
	var lines []said
	add := func(subject string, now said) {
		if now.key != s.told[subject] && now.text != "" {
			lines = append(lines, now)
		}
		s.told[subject] = now.key
	}
	if p.name.key == s.page.name.key {
		add("page", p.news)
	}
	add("newer", newer(s.State))
	add("link", link(s.State))
	for _, run := range s.State.Jobs.Active() {
		add(jobName(run.Job), runLine(s.State, run))
	}
	if s.State.Rise.Known {
		add("hour", hourLine(s.State))
	}
	lines = append(lines, s.owed...)
	s.owed = nil
	if len(lines) == 0 {
		return
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	s.toldAt = time.Now()
	s.say([]said{{text: sentences(texts...)}})
}

// say writes lines. It ends the line of the prompt.
func (s *screen) say(lines []said) {
	var b strings.Builder
	if s.prompted {
		b.WriteByte('\n')
		s.prompted = false
	}
	for _, l := range lines {
		if l.text != "" {
			b.WriteString(safe.Line(l.text).String())
			b.WriteByte('\n')
		}
	}
	s.write(b.String())
}

func (s *screen) prompt() {
	if !s.prompted {
		s.prompted = true
		s.write("> ")
	}
}

// echo writes a line that no terminal has written.
func (s *screen) echo(text string) {
	if s.Echo {
		s.write(safe.Line(text).String() + "\n")
	}
}

func (s *screen) write(text string) {
	if s.err == nil && text != "" {
		_, s.err = io.WriteString(s.Out, text)
	}
}
