package emulator

import "net/http"

func getReport(w *world, q *query) (answer, *apiError) {
	at, ok := w.reportAt(q.id)
	if !ok || q.access.live != w.live {
		return answer{}, missing("verificationreport", q.id, "report")
	}
	o := out{b: make([]byte, 0, 1024)}
	w.writeReport(&o, at, q.view)
	return answer{status: http.StatusOK, body: o.b}, nil
}

func listReports(w *world, q *query) (answer, *apiError) {
	l := listing{
		rows: len(w.reports), strict: w.choice.LimitRefused, noun: "verificationreport", cursor: w.reportAt,
		at: func(row int) uint32 { return w.reports[row].created }, keep: w.reportFilter(q.form),
	}
	if id := q.form.value("verification_session"); id != "" {
		var own []int // an unknown session has no reports
		if i, ok := w.sessionAt(id); ok {
			own = w.reportsOf(i)
		}
		l.skip = skipUnlisted(own)
	}
	if q.access.live != w.live {
		l = empty(l)
	}
	rows, more, err := l.page(q)
	if err != nil {
		return answer{}, err
	}
	return answerList(reportsPath, rows, more, func(o *out, row int) {
		w.writeReport(o, uint32(row), q.view)
	}), nil
}
