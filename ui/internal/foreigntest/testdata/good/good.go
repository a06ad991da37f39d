// Package good lets no foreign text out, in ways that look alike.
package good

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/model"
	"idtop/ui/internal/foreigntest/testdata/below"
	"idtop/ui/safe"
)

var errNone = errors.New("there is none")

type page struct {
	out  strings.Builder
	rows []string
	word string
}

// Straight writes texts that are ours, or were made safe.
func Straight(w io.Writer, row below.Row, n int, d time.Duration, state below.State) {
	fmt.Fprintln(w, safe.Line(row.UserID))
	fmt.Fprintf(w, "%-20s %5d %s %v\n", safe.Line(row.UserID), n, d, state)
	fmt.Fprintf(w, "%+q %x %T\n", row.UserID, row.UserID, row)
	fmt.Fprint(w, safe.Quote(row.UserID), state, below.Title(n))
	io.WriteString(w, safe.Line(row.UserID).String()+"\n")
	w.Write([]byte(strconv.Itoa(len(row.UserID))))
	fmt.Fprint(w, time.Now().Format(time.RFC3339), errNone, io.EOF)
	for run := range safe.Line(row.UserID).Runs() {
		fmt.Fprint(w, run.Text)
	}
}

// Roundabout goes the same ways with text that is ours.
func Roundabout(w io.Writer, row below.Row, users []string) {
	text := "user "
	text += safe.Line(row.UserID).String()
	fmt.Fprint(w, text)
	var b strings.Builder
	for _, user := range users {
		fmt.Fprintln(&b, safe.Line(user))
	}
	fmt.Fprint(w, b.String())
	fmt.Fprint(w, said("nobody"))
	p := page{word: "none"}
	p.rows = append(p.rows, p.word, safe.Line(row.UserID).String())
	p.out.WriteString(strings.Join(p.rows, ", "))
	fmt.Fprint(w, p.out.String())
	say := func(what safe.Text) { fmt.Fprint(w, what) }
	say(safe.Line(row.UserID))
}

func said(who string) string { return "said " + who }

// Elsewhere writes texts that are fit for the place.
func Elsewhere(w io.Writer, response http.ResponseWriter, row below.Row, config *model.Config) tea.Cmd {
	log.Print("read ", safe.Quote(row.UserID))
	csv.NewWriter(w).Write([]string{"user_id", safe.CSV(row.UserID)})
	object, _ := json.Marshal(row)
	fmt.Fprintln(w, safe.JSON(object))
	response.Write(object)
	config.Clip = safe.Clip
	clip, err := config.Clip(row.UserID)
	if err != nil {
		panic(strconv.QuoteToASCII(err.Error()))
	}
	return tea.SetClipboard(clip)
}
