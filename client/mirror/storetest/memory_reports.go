package storetest

import (
	"cmp"
	"context"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// factsInMemory are the reports of a Memory.
type factsInMemory struct {
	attempts []attempt           // by their numbers
	of       map[uint32][]uint32 // the attempts of a row, in the order of their arrival
	waiting  map[string][]client.ReportFacts
}

// attempt is a report, or a failure without one.
type attempt struct {
	at     client.Unix
	kind   columns.AttemptKind
	report client.ReportFacts
}

// Reports implements Store.
func (m *Memory) Reports(_ context.Context, ids ...string) (map[string][]client.ReportFacts, error) {
	found := map[string][]client.ReportFacts{}
	m.lock.Read(func() {
		for _, id := range ids {
			if n, ok := m.columns.Number(id); ok && found[id] == nil {
				found[id] = m.reportsOf(n)
			}
		}
	})
	return found, nil
}

// Tally implements Store.
func (m *Memory) Tally(_ context.Context, request mirror.TallyRequest) (tally mirror.Tally, err error) {
	m.lock.Read(func() { tally = m.columns.Tally(request) })
	return tally, nil
}

// People implements Store.
func (m *Memory) People(ctx context.Context, request mirror.PeopleRequest) (people mirror.People, err error) {
	err = m.lock.Search(ctx, func(ctx context.Context) (err error) {
		people, err = m.columns.People(ctx, request)
		return err
	})
	return people, err
}

// reportsOf are the reports of a row, oldest first.
func (m *Memory) reportsOf(n uint32) (reports []client.ReportFacts) {
	for _, a := range m.facts.of[n] {
		if report := m.facts.attempts[a].report; report.ID != "" {
			reports = append(reports, report)
		}
	}
	slices.SortStableFunc(reports, func(a, b client.ReportFacts) int { return cmp.Compare(a.Created, b.Created) })
	return reports
}

// reportOf is the report of a row with an id.
func (m *Memory) reportOf(n uint32, id string) (client.ReportFacts, bool) {
	reports := m.reportsOf(n)
	i := slices.IndexFunc(reports, func(r client.ReportFacts) bool { return r.ID == id })
	if i < 0 {
		return client.ReportFacts{}, false
	}
	return reports[i], true
}

// takeReport records a report and tells whether that shows.
func (m *Memory) takeReport(report client.ReportFacts) bool {
	if report.ID == "" || report.Session == "" {
		return false
	}
	n, known := m.columns.Number(report.Session)
	if !known {
		waiting := m.facts.waiting[report.Session]
		if !slices.ContainsFunc(waiting, func(r client.ReportFacts) bool { return r.ID == report.ID }) {
			m.facts.waiting[report.Session] = append(waiting, report)
		}
		return false
	}
	if _, known := m.reportOf(n, report.ID); known {
		return false
	}
	row := m.row(n)
	if row.Erased() {
		report = ErasedFacts(report)
	}
	m.addAttempt(n, attempt{report.Created, columns.AttemptKindOf(report), report})
	if row, news := row.Dated(report); news {
		m.columns.Set(n, row)
		m.chronicle(row, m.history[row.ID].Dated(row))
	}
	return true
}

// takeWaiting records the reports that waited for a session.
func (m *Memory) takeWaiting(n uint32, id string) {
	for _, report := range m.facts.waiting[id] {
		m.takeReport(report)
	}
	delete(m.facts.waiting, id)
}

// takeFailure records a failure that left no report.
func (m *Memory) takeFailure(n uint32, c mirror.Change) {
	known := slices.ContainsFunc(m.facts.of[n], func(number uint32) bool {
		a := m.facts.attempts[number]
		return a.report.ID == "" && a.at == c.At
	})
	if c.Unreported() && !known {
		m.addAttempt(n, attempt{at: c.At, kind: columns.AttemptKind{Failed: true, Code: c.Code}})
	}
}

func (m *Memory) addAttempt(n uint32, a attempt) {
	number := uint32(len(m.facts.attempts))
	m.facts.attempts = append(m.facts.attempts, a)
	m.facts.of[n] = append(m.facts.of[n], number)
	m.columns.PutAttempt(number, n, a.at, a.kind)
}

// eraseFacts takes document type and country from the reports of a row.
func (m *Memory) eraseFacts(n uint32) {
	for _, number := range m.facts.of[n] {
		a := &m.facts.attempts[number]
		a.report = ErasedFacts(a.report)
		a.kind.Doc, a.kind.Country = "", ""
	}
}

// dropFacts forgets the attempts of a row that goes.
func (m *Memory) dropFacts(n uint32) {
	for _, number := range m.facts.of[n] {
		m.facts.attempts[number] = attempt{}
	}
	delete(m.facts.of, n)
}

// ErasedFacts returns a report as the mirror keeps it of a session that is redacted or
// being redacted.
func ErasedFacts(report client.ReportFacts) client.ReportFacts {
	report.DocType, report.Country = "", ""
	return report
}
