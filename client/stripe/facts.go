package stripe

import (
	"context"
	"fmt"
	"io"
	"regexp"

	"idtop/client"
)

// ListReportFacts reads one page of reports and keeps of each only what
// client.ReportFacts has. The answer holds names, addresses and document numbers: it is
// decoded byte by byte as it arrives, by the list of fields below, and all else is
// passed over without ever being a value. So neither a type, nor stripe-go, nor an error can
// hold any of it.
func (s *Client) ListReportFacts(ctx context.Context, p client.ReportListParams) (client.Page[client.ReportFacts], error) {
	var read client.Page[client.ReportFacts]
	c := &call{
		op:     "list reports",
		id:     p.VerificationSession,
		path:   reportsPath,
		params: reportParams(p),
		stream: func(body io.Reader) (err error) {
			read, err = s.readFacts(body)
			return err
		},
	}
	return list(ctx, s, func(x *exchange) (client.Page[client.ReportFacts], error) {
		read.Date = serverDate(x.header)
		return read, nil
	}, p.Cursor, c)
}

// The forms of the words that are kept. A name, an address or a number of a document
// has none of them, should Stripe ever put one in their places.
var (
	apiWord     = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,63}$`) // of types, statuses and codes
	sessionForm = regexp.MustCompile(`^vs_[A-Za-z0-9_]{8,255}$`)
	flowForm    = regexp.MustCompile(`^[a-z]{1,16}_[A-Za-z0-9_]{1,64}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// readFacts decodes a page of reports.
func (s *Client) readFacts(body io.Reader) (page client.Page[client.ReportFacts], err error) {
	r := newScanner(body)
	defer r.wipe()
	object, listed, lost := "", false, 0
	page.Data = []client.ReportFacts{}
	r.object([]string{"object", "has_more", "data"}, func(key string) {
		switch key {
		case "object":
			object = r.word(apiWord)
		case "has_more":
			page.HasMore, _ = r.truth()
		case "data":
			listed = r.array(func() {
				facts := s.readReport(r)
				if facts.ID == "" {
					lost++
					return
				}
				page.Data = append(page.Data, facts)
				page.Lost += lost
				lost = 0
			})
		default:
			r.skip()
		}
	})
	r.end()
	switch {
	case r.err != nil:
		return page, r.err
	case object != "list" || !listed:
		return page, fmt.Errorf("%s came where a list was asked for", kindWords(object))
	case !page.HasMore:
		page.Lost += lost
	case len(page.Data) == 0:
		return page, fmt.Errorf("in a list: %w, and none with one", errWithoutID)
	}
	return page, nil
}

// reportFields are the members of a report that are looked at.
var reportFields = []string{
	"id", "object", "created", "livemode", "type", "verification_session", "verification_flow", "document", "selfie", "id_number", "email", "phone",
}

// readReport decodes one report, the zero ReportFacts when it has no id.
func (s *Client) readReport(r *scanner) client.ReportFacts {
	var facts client.ReportFacts
	object, checks := "", map[string]client.CheckFacts{}
	r.object(reportFields, func(key string) {
		switch key {
		case "id":
			facts.ID = r.word(reportID)
		case "object":
			object = r.word(apiWord)
		case "created":
			facts.Created = client.Unix(r.number())
		case "livemode":
			if live, known := r.truth(); known && live != s.key.Live() {
				r.fail(s.otherMode(live))
			}
		case "type":
			facts.Type = r.word(apiWord)
		case "verification_session":
			facts.Session = r.word(sessionForm)
		case "verification_flow":
			facts.Flow = r.word(flowForm)
		case "document", "selfie", "id_number", "email", "phone":
			check := client.CheckFacts{Kind: key}
			has := r.object([]string{"status", "error", "type", "issuing_country"}, func(field string) {
				switch {
				case field == "status":
					check.Status = r.word(apiWord)
				case field == "error":
					check.Code = r.code()
				case field == "type" && key == "document":
					facts.DocType = r.word(apiWord)
				case field == "issuing_country" && key == "document":
					facts.Country = r.word(countryForm)
				default:
					r.skip()
				}
			})
			if has {
				checks[key] = check
			}
		default:
			r.skip()
		}
	})
	if object != objectReport || facts.Created <= 0 {
		return client.ReportFacts{}
	}
	for _, name := range client.CheckKinds {
		if check, has := checks[name]; has {
			facts.Checks = append(facts.Checks, check)
		}
	}
	return facts
}

// code reads the error of a check, "" for null. One without a code of the API's form
// is client.NoCode.
func (r *scanner) code() (code string) {
	failed := r.object([]string{"code"}, func(field string) {
		if field == "code" {
			code = r.word(apiWord)
			return
		}
		r.skip()
	})
	if failed && code == "" {
		return client.NoCode
	}
	return code
}
