package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// writeError is a failure to write the output.
type writeError struct{ error }

func (w *writeError) Unwrap() error { return w.error }

// written marks an error as a failure to write the output.
func written(err error) error {
	if err == nil {
		return nil
	}
	return &writeError{err}
}

func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// listed is a session in the output of list: the fields that the mirror keeps,
// under Stripe's names if Stripe has one.
type listed struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	UserID    string `json:"user_id"`
	Created   string `json:"created"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	Reason    string `json:"last_error_code"`
	Redaction string `json:"redaction_status"`
	Tries     int    `json:"tries"`
	Reference string `json:"client_reference_id"`
	Customer  string `json:"related_customer"`
	Report    string `json:"last_verification_report"`
	Doc       string `json:"doc"`      // of the newest report, as country is
	Country   string `json:"country"`  // that issued the document
	Attempts  int    `json:"attempts"` // reports that the mirror has
	Livemode  bool   `json:"livemode"`
	AsOf      string `json:"as_of"`

	Unreadable string `json:"unreadable,omitempty"` // the field that could not be read

	// The metadata that the config keeps besides user_id.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// listedNames are the names of the columns of csv; metadata.KEY follow.
var listedNames = []string{"id", "state", "user_id", "created", "type", "status", "last_error_code", "redaction_status",
	"tries", "client_reference_id", "related_customer", "last_verification_report", "doc", "country", "attempts", "livemode", "as_of", "unreadable"}

func listedOf(row found) listed {
	return listed{
		Metadata: row.metadata,
		ID:       row.ID, State: row.State.String(), UserID: row.UserID, Created: stamp(row.Created.Time()), Type: row.Type,
		Status: string(row.Status), Reason: row.ErrorCode, Redaction: string(row.Redaction), Tries: row.Tries,
		Reference: row.Reference, Customer: row.Customer, Report: row.ReportID, Doc: row.Doc, Country: row.Country, Attempts: row.Attempts, Livemode: row.Livemode, AsOf: stamp(row.AsOf),
		Unreadable: row.Unreadable,
	}
}

// impersonal is a session without what names or describes a person.
type impersonal struct {
	listed
	UserID    *struct{} `json:"user_id,omitempty"`
	Reference *struct{} `json:"client_reference_id,omitempty"`
	Customer  *struct{} `json:"related_customer,omitempty"`
	Metadata  *struct{} `json:"metadata,omitempty"`
}

// personalNames are the columns that impersonal leaves out; it has no metadata either.
var personalNames = []string{"user_id", "client_reference_id", "related_customer"}

// fields are what is written of each session.
type fields struct {
	metadata []string // keys
	personal bool
	chosen   []string // of all names, in this order; nil: all
}

// choose takes only some columns, named as in csv.
func (f *fields) choose(names []string) error {
	known := f.names()
	for _, name := range names {
		if !slices.Contains(known, name) {
			hint := "known are " + strings.Join(known, ", ")
			if near := query.Nearest(name, known); near != "" {
				hint = "is it " + near + "? " + hint
			}
			if strings.HasPrefix(name, "metadata.") {
				hint = "metadata in the config names the keys that are kept"
			}
			return fail.Misuse(hint, "--columns %s: there is no such column", safe.Quote(name))
		}
	}
	f.chosen = names
	return nil
}

// pick returns the chosen ones of values in the order of all names.
func (f fields) pick(all, values []string) []string {
	if f.chosen == nil {
		return values
	}
	picked := make([]string, len(f.chosen))
	for i, name := range f.chosen {
		picked[i] = values[slices.Index(all, name)]
	}
	return picked
}

// names are the columns of csv.
func (f fields) names() []string { return f.pick(f.all(), f.all()) }

// all are the names of all columns.
func (f fields) all() []string {
	if !f.personal {
		return slices.DeleteFunc(slices.Clone(listedNames), func(name string) bool { return slices.Contains(personalNames, name) })
	}
	names := slices.Clone(listedNames)
	for _, key := range f.metadata {
		names = append(names, "metadata."+key)
	}
	return names
}

// cells are the values in the order of names.
func (f fields) cells(l listed) []string {
	if f.personal {
		return f.pick(f.all(), l.cells(f.metadata))
	}
	var cells []string
	for i, cell := range l.cells(nil) {
		if !slices.Contains(personalNames, listedNames[i]) {
			cells = append(cells, cell)
		}
	}
	return cells
}

// object is a session for JSON.
func (f fields) object(l listed) any {
	switch {
	case f.chosen != nil:
		return chosen{f, l}
	case !f.personal:
		return impersonal{listed: l}
	}
	return l
}

// chosen are the chosen columns of a session, in their order and under their names.
type chosen struct {
	fields
	listed
}

// MarshalJSON implements json.Marshaler.
func (c chosen) MarshalJSON() ([]byte, error) {
	whole, err := json.Marshal(c.listed)
	if err != nil {
		return nil, err
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(whole, &values); err != nil {
		return nil, err
	}
	cells := c.fields.cells(c.listed)
	object := []byte{'{'}
	for i, name := range c.chosen {
		value := values[name]
		if value == nil { // metadata, or an empty field that JSON leaves out
			if value, err = json.Marshal(cells[i]); err != nil {
				return nil, err
			}
		}
		if i > 0 {
			object = append(object, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		object = append(append(append(object, key...), ':'), value...)
	}
	return append(object, '}'), nil
}

// cells are the values in the order of listedNames, followed by metadata.
func (l listed) cells(metadata []string) []string {
	cells := []string{l.ID, l.State, l.UserID, l.Created, l.Type, l.Status, l.Reason, l.Redaction,
		strconv.Itoa(l.Tries), l.Reference, l.Customer, l.Report, l.Doc, l.Country, strconv.Itoa(l.Attempts), strconv.FormatBool(l.Livemode), l.AsOf, l.Unreadable}
	for _, key := range metadata {
		cells = append(cells, l.Metadata[key])
	}
	return cells
}

// stamp writes a time in RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// newRowWriter returns the writer of a format, for these fields. safe.CSV decides how a
// cell is written; a terminal gets no foreign text unchanged.
func newRowWriter(format string, f fields, to io.Writer) rowWriter {
	out := bufio.NewWriterSize(to, 64<<10)
	switch format {
	case "json":
		return &lineWriter{out: out, fields: f, array: true}
	case "jsonl":
		return &lineWriter{out: out, fields: f}
	case "csv":
		_, terminal := config.AsTerminal(to)
		return &csvWriter{out, csvLines(out), terminal, f}
	}
	return &tableWriter{out: out, fields: f}
}

// csvLines writes lines as in RFC 4180.
func csvLines(to io.Writer) *csv.Writer {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	return w
}

// csvWriter writes a line with the names, then one line for each session.
type csvWriter struct {
	out      *bufio.Writer
	lines    *csv.Writer
	terminal bool
	fields
}

func (w *csvWriter) begin() error { return w.line(w.names()) }

func (w *csvWriter) rows(rows []found) error {
	for _, row := range rows {
		if err := w.line(w.cells(listedOf(row))); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvWriter) line(texts []string) error {
	if w.terminal {
		for i := range texts {
			texts[i] = safe.Line(texts[i]).String()
		}
	}
	return written(w.lines.Write(csvCells(texts)))
}

// csvCells are texts as cells of a line.
func csvCells(texts []string) []string {
	cells := make([]string, len(texts))
	for i, text := range texts {
		cells[i] = safe.CSV(text)
	}
	return cells
}

func (w *csvWriter) end() error {
	w.lines.Flush()
	return written(errors.Join(w.lines.Error(), w.out.Flush()))
}

// lineWriter writes an object on each line: as one JSON array, or separately.
// Objects are in ASCII: characters that could move a terminal's cursor are written
// as \uXXXX.
type lineWriter struct {
	fields
	out   *bufio.Writer
	array bool
	more  bool
}

func (w *lineWriter) begin() error {
	if !w.array {
		return nil
	}
	_, err := w.out.WriteString("[")
	return written(err)
}

func (w *lineWriter) rows(rows []found) error {
	for _, row := range rows {
		object, err := json.Marshal(w.fields.object(listedOf(row)))
		if err != nil {
			return err
		}
		if err := w.line(safe.JSON(object)); err != nil {
			return err
		}
	}
	return nil
}

// line writes one object.
func (w *lineWriter) line(object string) error {
	before, after := "", "\n"
	if w.array {
		before, after = "\n", ""
	}
	if w.array && w.more {
		before = ",\n"
	}
	w.more = true
	_, err := w.out.WriteString(before + object + after)
	return written(err)
}

func (w *lineWriter) end() error {
	closing := ""
	switch {
	case w.array && w.more:
		closing = "\n]\n"
	case w.array:
		closing = "]\n"
	}
	_, err := w.out.WriteString(closing)
	return written(errors.Join(err, w.out.Flush()))
}

// tableWriter writes columns for people. The first rows decide the widths; a longer
// value further down shifts only its own line.
type tableWriter struct {
	out    *bufio.Writer
	widths []int
	fields
}

// tableHeads are the names of the columns; the last one is not padded.
var tableHeads = []safe.Text{
	safe.Lit("STATE"), safe.Lit("USER ID"), safe.Lit("REASON"), safe.Lit("TRIES"), safe.Lit("CREATED"), safe.Lit("TYPE"), safe.Lit("SESSION"),
}

// widestColumn limits the effect of one long value on all lines, in cells.
const widestColumn = 44

// heads are those of the table: the chosen names, else the usual heads.
func (w *tableWriter) heads() []safe.Text {
	if w.chosen == nil {
		return tableHeads
	}
	heads := make([]safe.Text, len(w.chosen))
	for i, name := range w.chosen {
		heads[i] = safe.Line(name)
	}
	return heads
}

// cellsOf are the cells of a session: the chosen columns, else the usual ones.
func (w *tableWriter) cellsOf(row found) []safe.Text {
	if w.chosen == nil {
		return tableCells(row.Row)
	}
	var cells []safe.Text
	for i, cell := range w.cells(listedOf(row)) {
		text := safe.Line(cell)
		if w.chosen[i] == "user_id" {
			text = text.Badged()
		}
		cells = append(cells, text)
	}
	return cells
}

func tableCells(row mirror.Row) []safe.Text {
	tries := safe.Text{}
	if row.Tries > 0 {
		tries = safe.Num(row.Tries)
	}
	reason := safe.Line(client.ReasonOf(row.ErrorCode).Label)
	if row.Unreadable != "" {
		reason = safe.Concat(safe.Lit("unreadable: "), safe.Line(row.Unreadable))
	}
	return []safe.Text{safe.Line(row.State.String()), safe.Line(row.UserID).Badged(), reason, tries,
		safe.Line(stamp(row.Created.Time())), safe.Line(row.Type), safe.Line(row.ID)}
}

func (w *tableWriter) begin() error { return nil }

func (w *tableWriter) rows(rows []found) error {
	if w.widths == nil {
		heads := w.heads()
		w.widths = make([]int, len(heads))
		w.measure(heads)
		for _, row := range rows {
			w.measure(w.cellsOf(row))
		}
		if err := w.line(heads); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if err := w.line(w.cellsOf(row)); err != nil {
			return err
		}
	}
	return nil
}

func (w *tableWriter) measure(cells []safe.Text) {
	for i, cell := range cells {
		w.widths[i] = min(widestColumn, max(w.widths[i], cell.Width()))
	}
}

func (w *tableWriter) line(cells []safe.Text) error {
	padded := slices.Clone(cells)
	for i := range padded[:len(padded)-1] {
		if width := w.widths[i]; padded[i].Width() < width {
			padded[i] = padded[i].Pad(width)
		}
	}
	text := strings.TrimRight(safe.Join(safe.Lit("  "), padded...).String(), " ")
	_, err := fmt.Fprintln(w.out, text)
	return written(err)
}

func (w *tableWriter) end() error { return written(w.out.Flush()) }
