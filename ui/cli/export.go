package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"path/filepath"
	"strconv"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/timeline"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/safe"
)

// exportFolder is the folder that exports are offered, beside the mirrors.
const exportFolder = "exports"

// exports is the folder that exports are offered; a demo's own folder would be removed.
func (k *kept) exports() string {
	if k.place == nil {
		here, _ := filepath.Abs(".")
		return here
	}
	return filepath.Join(k.place.Data, exportFolder)
}

// exporter writes what a dashboard shows to files, as the commands list, insights and
// timeline write it, and people.
func (k *kept) exporter(o config.Options) func(context.Context, *act.Desk, model.Exporting) (act.Exported, error) {
	return func(ctx context.Context, desk *act.Desk, e model.Exporting) (act.Exported, error) {
		switch {
		case e.Insights != nil:
			e.Write = func(w io.Writer) (act.Exported, error) { return writeInsights(w, e.Format, *e.Insights) }
		case e.People != nil:
			e.Write = func(w io.Writer) (act.Exported, error) { return k.writePeople(ctx, w, e.Format, e.Personal, *e.People) }
		case len(e.Timelines) > 0:
			e.Write = func(w io.Writer) (act.Exported, error) { return writeTimelines(w, e.Format, e.Personal, e.Timelines) }
		default:
			e.Write = func(w io.Writer) (act.Exported, error) {
				return k.writeSessions(ctx, w, e.Format, fields{metadata: o.Metadata, personal: e.Personal}, e.List)
			}
		}
		return desk.Export(e.Export)
	}
}

// plainStore is a store that keeps no metadata but user_id.
type plainStore struct{ mirror.Store }

func (plainStore) Metadata(context.Context, string) (map[string]string, error) { return nil, nil }

// writeSessions writes what a request finds, window by window.
func (k *kept) writeSessions(ctx context.Context, w io.Writer, format string, f fields, request mirror.Request) (act.Exported, error) {
	store, ok := k.store.(listStore)
	if !ok {
		store = plainStore{k.store}
	}
	request.Rows = listWindow
	l := lister{store: store, to: newRowWriter(format, f, w), request: request}
	if f.personal {
		l.keys = f.metadata
	}
	if err := l.run(ctx); err != nil {
		return act.Exported{}, listFailure(err)
	}
	return act.Exported{Count: l.written, Of: "sessions", Columns: f.names()}, nil
}

// writeObject writes an object as JSON.
func writeObject(w io.Writer, object any) error {
	text, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, safe.JSON(text)+"\n")
	return err
}

// writeCells writes lines of cells as CSV, below the names of their columns.
func writeCells(w io.Writer, names []string, lines [][]string) error {
	out := bufio.NewWriter(w)
	to := csvLines(out)
	if err := to.Write(csvCells(names)); err != nil {
		return err
	}
	for _, line := range lines {
		if err := to.Write(csvCells(line)); err != nil {
			return err
		}
	}
	to.Flush()
	return errors.Join(to.Error(), out.Flush())
}

// writeInsights writes the failures by group; as JSON all insights.
func writeInsights(w io.Writer, format string, in insights.Insights) (act.Exported, error) {
	t := insightsJSON(in)
	names := []string{"window", "from", "until", "by", "value", "label", "failed", "before", "query"}
	done := act.Exported{Count: len(t.Groups), Of: "groups of failures", Columns: names}
	if format == "json" {
		return done, writeObject(w, t)
	}
	var lines [][]string
	for _, g := range t.Groups {
		lines = append(lines, []string{t.Window, t.From, t.Until, t.By, g.Value, g.Label, strconv.Itoa(g.Failed), numberOf(g.Before), g.Query})
	}
	return done, writeCells(w, names, lines)
}

// impersonalHistory is a timeline that names nobody.
type impersonalHistory struct {
	history
	UserID *struct{} `json:"user_id,omitempty"`
}

// writeTimelines writes the entries of timelines.
func writeTimelines(w io.Writer, format string, personal bool, all []timeline.Timeline) (act.Exported, error) {
	names := []string{"session", "user_id", "at", "seen_by_then", "after_seconds", "what", "state", "words", "code", "attempt", "who", "reason", "source", "report", "ledger"}
	if !personal {
		names = append(names[:1:1], names[2:]...)
	}
	done := act.Exported{Of: "entries of timelines", Columns: names}
	var lines [][]string
	var objects []any
	for _, t := range all {
		h := historyOf(t)
		if personal {
			objects = append(objects, h)
		} else {
			objects = append(objects, impersonalHistory{history: h})
		}
		done.Count += len(h.Entries)
		for _, e := range h.Entries {
			line := []string{h.Session}
			if personal {
				line = append(line, h.UserID)
			}
			lines = append(lines, append(line, e.At, strconv.FormatBool(e.Rough), numberOf(e.After), e.What, e.State, e.Words, e.Code,
				positive(uint64(e.Attempt)), e.Who, e.Reason, e.Source, e.Report, positive(e.Ledger)))
		}
	}
	if format == "json" {
		return done, writeObject(w, objects)
	}
	return done, writeCells(w, names, lines)
}

// exportedPerson is one of the people in a file.
type exportedPerson struct {
	UserID     string         `json:"user_id,omitempty"`
	Listed     int            `json:"listed"`
	Sessions   int            `json:"sessions"`
	States     map[string]int `json:"states"`
	Failures   int            `json:"failures"`
	LastFailed string         `json:"last_failed_at,omitempty"`
	Rough      bool           `json:"seen_by_then,omitempty"`
	Code       string         `json:"code,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	First      string         `json:"first_session_at"`
	Newest     string         `json:"newest_session_at"`
}

// writePeople writes the people of the list, all as of one moment.
func (k *kept) writePeople(ctx context.Context, w io.Writer, format string, personal bool, request mirror.PeopleRequest) (act.Exported, error) {
	request.Rows, request.Whole = math.MaxInt32, true
	all, err := k.store.People(ctx, request)
	if err != nil {
		return act.Exported{}, listFailure(err)
	}
	names := []string{"user_id", "listed", "sessions"}
	for state := range client.State(client.StateCount) {
		names = append(names, state.String())
	}
	names = append(names, "failures", "last_failed_at", "seen_by_then", "code", "reason", "first_session_at", "newest_session_at")
	if !personal {
		names = names[1:]
	}
	done := act.Exported{Count: len(all.People), Of: "people", Columns: names}
	var lines [][]string
	objects := []exportedPerson{}
	for _, s := range all.People {
		p := exportedPerson{
			UserID: s.UserID, Listed: s.Listed, Sessions: s.Sessions, States: map[string]int{}, Failures: s.Failed,
			First: stamp(s.First.Time()), Newest: stamp(s.Newest.Time()),
		}
		if s.Failed > 0 {
			p.LastFailed, p.Rough, p.Code, p.Reason = stamp(s.Failure.At.Time()), s.Rough, s.Code, client.ReasonOf(s.Code).Label
		}
		line := []string{p.UserID, strconv.Itoa(p.Listed), strconv.Itoa(p.Sessions)}
		if !personal {
			p.UserID, line = "", line[1:]
		}
		for state, n := range s.State {
			p.States[client.State(state).String()] = n
			line = append(line, strconv.Itoa(n))
		}
		lines = append(lines, append(line, strconv.Itoa(p.Failures), p.LastFailed, strconv.FormatBool(p.Rough), p.Code, p.Reason, p.First, p.Newest))
		objects = append(objects, p)
	}
	if format == "json" {
		return done, writeObject(w, objects)
	}
	return done, writeCells(w, names, lines)
}

// numberOf writes a number, "" when it is not known.
func numberOf(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// positive writes a number, "" for 0.
func positive(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}
