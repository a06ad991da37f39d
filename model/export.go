package model

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/timeline"
)

// Exporting is the content of a file: one of the four that can be shown, as it is shown.
type Exporting struct {
	act.Export
	List      mirror.Request
	Insights  *insights.Insights
	Timelines []timeline.Timeline
	People    *mirror.PeopleRequest
}

// Export asks where what is shown is to be written, and how.
type Export struct {
	What     string // what is shown
	Sessions int    // how many, when a list is shown
	People   int    // how many, when people are shown
}

// The fields of the form for an export.
const (
	fieldFormat   = "format"
	fieldPersonal = "personal"
	fieldFile     = "file"
)

// personalChoices are the values of fieldPersonal: without, and with.
var personalChoices = []string{"left out", "user_ids, references, customers"}

// The words that send an export.
const (
	exportWord   = "export"
	personalWord = "export personal data"
)

// exportOrProve writes the evidence where an erased session is shown, and else asks for an
// export.
func (m *Model) exportOrProve() tea.Cmd {
	if m.proves() {
		return m.jobEvidence()
	}
	return m.askExport()
}

// proves tells whether the evidence of a job is shown in the panes.
func (m *Model) proves() bool {
	_, erased := m.ErasedJob()
	return erased && m.Overlay() == nil
}

func (m *Model) exportTitle() string {
	if m.proves() {
		return "evidence"
	}
	return ""
}

// whyNotExport says why nothing can be exported.
func (m *Model) whyNotExport() string {
	o := m.Overlay()
	switch {
	case m.proves():
		return ""
	case m.config.Desk == nil:
		return m.config.WhyNot
	case m.config.Export == nil:
		return "this program writes no files"
	case m.exporting:
		return "an export is being written"
	case o.Is(InsightsOverlay) && !m.Insights.Loaded, o.Is(PeopleOverlay) && !m.People.Loaded, o.Is(TimelineOverlay) && len(m.Timeline.Known) == 0:
		return "it is being read"
	case o.Is(PeopleOverlay) && m.People.Page.Total == 0:
		return "nobody is listed"
	case o == nil && m.List.Page.Total == 0:
		return noSession
	}
	return ""
}

// shown is what an export would write now, and its name.
func (m *Model) shown() (e Exporting, name string, what Export) {
	switch o := m.Overlay(); {
	case o.Is(InsightsOverlay):
		in := m.Insights.Insights
		e.Insights = &in
		return e, "insights", Export{What: "the insights"}
	case o.Is(TimelineOverlay):
		e.Timelines = m.Timelines()
		return e, "timeline", Export{What: plural(len(e.Timelines), "timeline")}
	}
	name, what = "sessions", Export{Sessions: m.List.Page.Total}
	e.List = m.request()
	e.List.Screen = nil
	if m.Overlay().Is(PeopleOverlay) {
		people := m.peopleRequest()
		people.Screen = nil
		e.People, name, what = &people, "people", Export{People: m.People.Page.Total}
	}
	if e.Query = m.Search.Query.String(); m.Search.Query.Names() {
		e.Query = "that names a person"
	}
	if m.List.View.Kind == PersonView {
		e.UserID = m.List.View.UserID
	}
	return e, name, what
}

// askExport asks where what is shown is to be written, and how. It is fixed now:
// what is shown later does not matter.
func (m *Model) askExport() tea.Cmd {
	e, name, what := m.shown()
	file := filepath.Join(m.config.Exports, name+"-"+m.Now.Format("20060102-150405"))
	asked := []Field{choiceField(fieldFormat, "Format", "csv", "json")}
	if e.Insights == nil { // they name nobody
		asked = append(asked, choiceField(fieldPersonal, "Personal", personalChoices...))
	}
	asked = append(asked, textField(fieldFile, "File", "a path; no file is replaced", file), confirmField(exportWord))
	return m.openForm(Form{For: what, question: asking(asked...), send: func(f *Form) tea.Cmd {
		e.Format, e.Path = f.Value(fieldFormat), strings.TrimSpace(f.Value(fieldFile))
		e.Personal = f.Personal()
		if ending := "." + e.Format; !strings.HasSuffix(e.Path, ending) {
			e.Path += ending
		}
		m.close()
		m.mute()
		return m.export(e)
	}})
}

// plural is a number with its noun.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// Personal tells whether the form of an export asks for personal data.
func (f *Form) Personal() bool {
	for i := range f.Fields {
		if f.Fields[i].Name == fieldPersonal {
			return f.Fields[i].Value() != personalChoices[0]
		}
	}
	return false
}

// suit makes the word that sends an export name personal data if it has any.
func (f *Form) suit() {
	want := exportWord
	if f.Personal() {
		want = personalWord
	}
	if confirm := f.Confirm(); confirm.Want != want {
		confirm.Want = want
		f.clearAnswer()
	}
}

// export writes the file beside everything else: a million sessions take a while.
func (m *Model) export(e Exporting) tea.Cmd {
	m.exporting = true
	ctx, desk, write := m.config.Context, m.config.Desk, m.config.Export
	return func() tea.Msg {
		done, err := write(ctx, desk, e)
		return exported{done, e.Personal, err}
	}
}

// exported is sent by export.
type exported struct {
	done     act.Exported
	personal bool
	err      error
}

func (m *Model) onExported(msg exported) tea.Cmd {
	m.exporting = false
	if msg.err != nil {
		m.log(Message{Level: Failure, Text: "Nothing was exported: " + msg.err.Error(), Hint: client.HintOf(msg.err)})
		return nil
	}
	with := "without personal data"
	if msg.personal {
		with = "with personal data"
	}
	m.logDone(plural(msg.done.Count, strings.TrimSuffix(msg.done.Of, "s")) + " " + with + " in " + msg.done.Path)
	return nil
}
