// Package bad lets foreign text out in many ways.
package bad

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"idtop/model"
	"idtop/ui/internal/foreigntest/testdata/below"
	"idtop/ui/safe"
)

type page struct {
	out   strings.Builder
	title string
	print func(string)
}

// Straight writes its arguments.
func Straight(w io.Writer, row below.Row, err error, status below.Status, b byte, r rune) {
	fmt.Fprintln(w, row.UserID)                                      // want "Fprintln: foreign text for the terminal: field UserID"
	fmt.Fprintf(w, "user %s\n", row.UserID)                          // want "Fprintf"
	fmt.Fprintf(w, "%q\n", row.UserID)                               // want "Fprintf"
	fmt.Fprintf(w, "%d %*s\n", 1, 2, row.UserID)                     // want "Fprintf"
	fmt.Fprint(w, err)                                               // want "parameter err"
	fmt.Fprint(w, status)                                            // want "result of String"
	fmt.Fprint(w, below.Greeting("you"), below.Greeting(row.UserID)) // want "result of Greeting"
	io.WriteString(w, row.UserID)                                    // want "WriteString"
	w.Write([]byte(row.UserID))                                      // want "Write"
	w.Write([]byte{b})                                               // want "parameter b"
	bufio.NewWriter(w).WriteRune(r)                                  // want "WriteRune"
	io.Copy(w, strings.NewReader(row.UserID))                        // want "io.Copy"
	fmt.Println(os.Args)                                             // want "variable Args"
	fmt.Fprintln(os.Stderr, "x")                                     // want "only the process has os.Stderr"
	println(row.UserID)                                              // want "println"
	fmt.Fprint(w, time.Now().String())                               // want "result of String"
	fmt.Fprint(w, time.Now().Format("15:04 MST"))                    // want "name of its zone"
	fmt.Fprint(w, os.Getenv("TERM"))                                 // want "result of Getenv"
}

// Roundabout writes texts that went through variables, fields, closures and functions.
func Roundabout(w io.Writer, row below.Row, m map[string]string) {
	text := "user "
	text += row.UserID
	fmt.Fprint(w, text) // want "field UserID"
	var b strings.Builder
	b.WriteString(strings.ToUpper(row.UserID[1:]))
	fmt.Fprint(w, b.String())                                              // want "Fprint"
	fmt.Fprint(w, said(row.UserID))                                        // want "Fprint"
	fmt.Fprint(w, fmt.Errorf("no %s: %w", "user", errors.New(row.UserID))) // want "Fprint"
	for key := range m {
		fmt.Fprint(w, key) // want "parameter m"
	}
	say := func(what string) { fmt.Fprint(w, what) } // want "field UserID"
	say("it is ")
	say(row.UserID)
	p := page{title: row.UserID}
	fmt.Fprint(w, p.title)                        // want "Fprint"
	p.print = func(s string) { fmt.Fprint(w, s) } // want "Fprint"
	p.print(row.UserID)
	cells := make([]string, 1)
	fill(cells, row)
	fmt.Fprint(w, strings.Join(cells, ", ")) // want "Fprint"
	p.out.WriteString(safe.Line(row.UserID).String())
	p.out.WriteString(row.UserID)
	fmt.Fprint(w, p.out.String()) // want "Fprint"
	switch v := any(row.UserID).(type) {
	case string:
		fmt.Fprint(w, v) // want "Fprint"
	}
	if first, ok := m["first"]; ok {
		fmt.Fprint(w, first) // want "Fprint"
	}
	var decoded struct{ name string }
	fmt.Sscan(row.UserID, &decoded.name)
	fmt.Fprint(w, decoded.name) // want "what others wrote"
}

func said(who string) string { return "said " + who }

func fill(cells []string, row below.Row) { cells[0] = row.UserID }

// Elsewhere writes to logs, tables, the clipboard and past the view.
func Elsewhere(w io.Writer, row below.Row, err error, c *cobra.Command) tea.Cmd {
	log.Print(row.UserID)                                            // want "a log or a panic"
	log.Print(safe.Line(row.UserID))                                 // want "a log or a panic"
	slog.Info("read", "user", row.UserID)                            // want "a log or a panic"
	csv.NewWriter(w).Write([]string{row.UserID})                     // want "a CSV cell"
	csv.NewWriter(w).Write([]string{safe.Line(row.UserID).String()}) // want "a CSV cell"
	json.NewEncoder(w).Encode(row)                                   // want "json.NewEncoder"
	object, _ := json.Marshal(row)
	w.Write(object)       // want "result of Marshal"
	c.Println(row.UserID) // want "cobra's Println"
	run := exec.Command("true")
	run.Stderr = w                                                           // want "exec.Cmd"
	_ = http.Server{Addr: ":0"}                                              // want "no ErrorLog"
	view := tea.NewView(row.UserID)                                          // want "tea.NewView"
	view.WindowTitle = row.UserID                                            // want "WindowTitle"
	_ = model.Config{Clip: func(s string) (string, error) { return s, nil }} // want "not safe.Clip"
	if err != nil {
		panic(err) // want "panic"
	}
	return tea.Batch(
		tea.SetClipboard(row.UserID),                     // want "the clipboard"
		tea.SetClipboard(safe.Line(row.UserID).String()), // want "the clipboard"
		tea.Printf("%s", row.UserID),                     // want "tea.Printf"
	)
}
