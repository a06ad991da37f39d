package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
)

// The commands: the only place of this package that calls the API, the Store
// and the Syncer, or lets time pass.

func (m Model) tick() tea.Cmd {
	return tea.Tick(tickTime, func(at time.Time) tea.Msg { return ticked{at} })
}

func (m Model) awaitStore() tea.Cmd {
	ctx, changed := m.config.Context, m.config.Store.Changed()
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			return storeChanged{}
		}
	}
}

func (m Model) awaitSyncer() tea.Cmd {
	ctx, syncer := m.config.Context, m.config.Syncer
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-syncer.Changed():
			return syncerChanged{syncer.Status()}
		}
	}
}

// find asks the store for the page round the cursor, or where r says. Every
// answer but that to the last request is dropped.
func (m Model) find(r request) tea.Cmd {
	ctx, store, generation := m.config.Context, m.config.Store, m.List.generation
	asked := m.request()
	asked.Near, asked.At, asked.Rows = r.near, r.at, m.pageRows()
	return func() tea.Msg {
		page, err := store.Find(ctx, asked)
		return pageFound{generation, r, page, err}
	}
}

// request is the list that is shown, as the store is asked for it.
func (m Model) request() mirror.Request {
	return m.limit(mirror.Request{Query: m.Search.Query, States: Tabs[m.List.Tab].States, Order: m.Order()})
}

// findAll asks for all that is listed, which is at most what can be marked.
func (m Model) findAll(asTyped bool) tea.Cmd {
	ctx, store, listed, marking := m.config.Context, m.config.Store, m.listed(), m.marking
	asked := m.request()
	asked.Rows, asked.AsTyped = m.MaxMarks()+1, asTyped
	return func() tea.Msg {
		page, err := findWhole(ctx, store, asked)
		return allFound{marking, listed, asTyped, page, err}
	}
}

// readPlan reads the sessions that a verb is planned for.
func (m Model) readPlan(p planned) tea.Cmd {
	ctx, store := m.config.Context, m.config.Store
	asked := mirror.Request{UserID: p.userID, Alike: p.alike, Rows: m.MaxMarks() + 1}
	if p.userID == "" {
		asked.Only = p.ids
	}
	return func() tea.Msg {
		page, err := findWhole(ctx, store, asked)
		read := planRead{planned: p, alike: page.Alike, err: err}
		for _, hit := range page.Rows {
			read.rows = append(read.rows, hit.Row)
		}
		if err == nil && page.Total > len(page.Rows) {
			read.err = fmt.Errorf("%d sessions are too many for one job: mark fewer", page.Total)
		}
		return read
	}
}

// errLoading is why nothing is planned yet.
var errLoading = errors.New("the sessions are still being loaded: try again in a moment")

// findWhole asks for a page on which what is done rests: it must not be a part of
// what the store will show once it has read its files.
func findWhole(ctx context.Context, store mirror.Store, asked mirror.Request) (mirror.Page, error) {
	asked.Whole = true
	page, err := store.Find(ctx, asked)
	if err == nil && page.Loading {
		err = errLoading
	}
	return page, err
}

// findOpen looks for sessions of a person that wait.
func (m Model) findOpen(user string) tea.Cmd {
	ctx, store := m.config.Context, m.config.Store
	return func() tea.Msg {
		page, err := findWhole(ctx, store, mirror.Request{UserID: user, States: mirror.StatesOf(client.StateFailed, client.StateWaiting), Rows: 1})
		if err != nil {
			return nil // the form works without it
		}
		return openFound{user, page}
	}
}

// watchRow reads the session that the dialog is about, which need not be on the
// page any more.
func (m *Model) watchRow(id string) tea.Cmd {
	m.looks++
	ctx, store, look := m.config.Context, m.config.Store, m.looks
	return func() tea.Msg {
		row, found, err := store.Get(ctx, id)
		return rowRead{look, id, row, found, err}
	}
}

func (m Model) loadAccount() tea.Cmd {
	ctx, api := m.config.Context, m.config.API
	return func() tea.Msg {
		account, err := api.Account(ctx)
		return accountRead{account, err}
	}
}

// loadDetail reads a session and its attempts; verified outputs are left out.
func (m Model) loadDetail(id string) tea.Cmd {
	ctx, api, store, clock, generation := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.Detail.generation
	return func() tea.Msg {
		session, err := readInto(ctx, api, store, clock, id)
		if err != nil {
			return detailRead{generation: generation, err: err}
		}
		reports, err := api.ListReports(ctx, client.ReportListParams{
			VerificationSession: id, Cursor: client.Cursor{Limit: 100},
		})
		return detailRead{generation, session, reports.Data, err}
	}
}

// readInto reads a session and gives the store what it says: the list must not
// show less than the operator was shown.
func readInto(ctx context.Context, api client.API, store mirror.Store, clock func() time.Time, id string, expand ...string) (client.Session, error) {
	sent := clock()
	session, err := api.GetSession(ctx, id, expand...)
	if err != nil {
		return session, err
	}
	return session, store.Apply(ctx, seen(session, sent), session)
}

// seen says when a session was read that was asked for at sent.
func seen(session client.Session, sent time.Time) mirror.Seen {
	at := session.Date
	if at.IsZero() {
		at = sent
	}
	return mirror.Seen{At: at, Sent: sent, News: true}
}

// sensitive are the outputs that must be named one by one, and that only a
// restricted key may read.
var sensitive = []string{
	"verified_outputs", "verified_outputs.dob", "verified_outputs.id_number", "verified_outputs.sex",
	"verified_outputs.unparsed_sex", "verified_outputs.unparsed_place_of_birth",
}

// loadOutputs reads the verified outputs. A key that may not read the
// sensitive ones still shows the others.
func (m Model) loadOutputs(id, userID string) tea.Cmd {
	ctx, api, store, clock, generation := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.Detail.revealGeneration
	expand := sensitive[:1]
	if m.Identity.Restricted {
		expand = sensitive
	}
	desk := m.config.Desk
	return func() tea.Msg {
		if desk != nil { // what can't be recorded is not shown
			if err := desk.Note(ledger.Reveal, id, userID, strings.Join(expand, ", "), ""); err != nil {
				return outputsRead{generation: generation, err: err}
			}
		}
		session, err := readInto(ctx, api, store, clock, id, expand...)
		partial := len(expand) == 1
		if kind := client.KindOf(err); !partial && err != nil && (kind == client.KindPermission || kind == client.KindState || kind == client.KindUnknown) {
			partial = true
			session, err = readInto(ctx, api, store, clock, id, sensitive[:1]...)
		}
		return outputsRead{generation, session.VerifiedOutputs, partial, err}
	}
}

func (m Model) hideLater() tea.Cmd {
	generation := m.Detail.revealGeneration
	return tea.Tick(RevealTime, func(time.Time) tea.Msg { return revealEnded{generation} })
}

func (m Model) armLater(wait time.Duration) tea.Cmd {
	quiets := m.typing.quiets
	return tea.Tick(wait, func(time.Time) tea.Msg { return quietPassed{quiets} })
}

func (m Model) openURL(row mirror.Row, url string) tea.Cmd {
	ctx, open, copies := m.config.Context, m.config.OpenURL, m.copies
	return func() tea.Msg { return browserOpened{copies, row, url, open(ctx, url)} }
}

// steer tells the Syncer how to work. Commands run in any order, so the wish
// carries a number.
func (m *Model) steer(change func(*mirror.Wish)) tea.Cmd {
	m.wish.Sequence++
	change(&m.wish)
	syncer, wish := m.config.Syncer, m.wish
	return func() tea.Msg { syncer.Steer(wish); return nil }
}

// begin tells the Syncer that an operator has just started the program. Any other
// wish comes before it.
func (m Model) begin() tea.Cmd {
	syncer, wish := m.config.Syncer, m.wish
	return func() tea.Msg { syncer.Steer(wish); return nil }
}

// settleLater lets the keys act again a moment after the cursor moved by itself.
func (m Model) settleLater() tea.Cmd {
	settled := m.settled
	return tea.Tick(settleTime, func(time.Time) tea.Msg { return cursorSettled{settled} })
}

func (m Model) syncNow() tea.Cmd {
	syncer := m.config.Syncer
	return func() tea.Msg { syncer.SyncNow(); return nil }
}
