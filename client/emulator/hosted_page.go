package emulator

import (
	_ "embed" // of the page
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page_parts.html
var pagePartsHTML string // of all pages

//go:embed hosted.html
var hostedHTML string

var hostedTemplate = pageTemplate(hostedHTML)

// pageTemplate makes a page that uses the parts of all pages.
func pageTemplate(html string) *template.Template {
	return template.Must(template.Must(template.New("page").Parse(pagePartsHTML)).Parse(html))
}

// page is the content of the hosted page. The texts are not escaped yet: the
// template does that.
type page struct {
	status     int
	session    uint32
	generation uint16

	Nonce   string
	Account string // "" where not even that is to be told
	Live    bool
	Title   string
	Lead    string
	Hint    string // for the integration's developer
	Again   string // the address of the link from its own page, to try again

	// Of a link that can be used.
	Token   string
	Checks  []shownCheck
	Choices []choiceGroup // nil: nothing can be chosen
	Paces   []pace
	Facts   []fact

	Parents []string // origins of pages that may frame this one

	// Of the result.
	Result *result
}

// shownCheck is a check that the session runs, in words.
type shownCheck struct{ Name, What string }

// choiceGroup are the outcomes of one kind.
type choiceGroup struct {
	Name    string
	Glyph   string
	Class   string
	Choices []choice
}

// choice is one button.
type choice struct{ Value, Label, Code string }

// fact is something about the session that helps to tell it from others.
type fact struct{ Name, Value string }

// result is how far the session is after a visit.
type result struct {
	Glyph, Class, Word string // of the state
	Text, Code         string
	Running            bool // it will change by itself
	Return             string
	ReturnHost         string
	Visit              map[string]any // for the page that frames this one
}

// checkWords names the checks, in the order of the page.
var checkWords = []struct {
	check      check
	name, what string
}{
	{checkDocument, "Document", "a photo of a passport, driving licence or identity card"},
	{checkSelfie, "Selfie", "a photo of your face, compared with the document"},
	{checkIDNumber, "ID number", "compared with your name and date of birth"},
	{checkEmail, "Email", "a code sent to your address"},
	{checkPhone, "Phone", "a code sent to your phone"},
}

// leaving are the ways to end a visit without submitting anything.
var leaving = map[string]string{
	"abandoned":             "Leave without submitting anything",
	"consent_declined":      "Decline to be verified by Stripe",
	"device_not_supported":  "Use a device without a camera",
	"country_not_supported": "Be in a country that is not supported",
	"under_supported_age":   "Be under the age of majority",
}

// hostedPage is the page of a link, or of the result of its use.
func (s *sandbox) hostedPage(text string, done bool) page {
	w := s.world
	l, ok := w.readLink(text)
	if !ok {
		return page{
			status: http.StatusNotFound, Title: "There is no such link",
			Lead: "It may have been copied in part. Ask its sender for a new one.",
			Hint: "The emulator keeps everything in memory: links of an earlier run are unknown, too.",
		}
	}
	i := l.session
	p := page{
		status: http.StatusGone, Parents: s.cfg.Origins, session: i, generation: w.sessions[i].generation, Account: s.cfg.AccountName, Live: w.live,
		Hint: "Retrieve the session " + w.sessionID(i) + " to get a new url, as long as its status is requires_input.",
	}
	expired, used := w.seconds()-l.issued >= linkLife, w.isUsed(l)
	switch {
	case expired:
		p.Title = "This link has expired"
		p.Lead = "Links work for 48 hours. Ask " + p.Account + " for a new one."
	case w.redaction[i] != notRedacted || w.status[i] == canceled:
		p.Title = "This verification was canceled"
		p.Lead = p.Account + " doesn't need it any more. There is nothing left to do here."
	case done && used:
		p.status, p.Hint = http.StatusOK, ""
		w.showResult(&p, i)
	case used:
		p.Title = "This link was used"
		p.Lead = "Each link works once. If you have to try again, ask " + p.Account + " for a new one."
	case w.status[i] != requiresInput:
		p.Title = "This verification was submitted"
		p.Lead = "There is nothing left to do here: it is " + statusNames[w.status[i]] + "."
	default:
		p.status, p.Hint = http.StatusOK, ""
		w.showChoices(&p, i)
	}
	return p
}

// showChoices fills in the page of a link that can be used.
func (w *world) showChoices(p *page, i uint32) {
	s := &w.sessions[i]
	d := w.detailsOf(i, s.details)
	p.Title = p.Account + " asks you to verify your identity"
	p.Paces = paces
	p.Choices = []choiceGroup{{Name: "Pass", Glyph: "✓", Class: "verified", Choices: []choice{{outcomePass, "Everything is in order", outcomePass}}}}
	for _, c := range checkWords {
		if !s.options.checks(s.kind, c.check) {
			continue
		}
		g := choiceGroup{Name: "Fail: " + strings.ToLower(c.name[:1]) + c.name[1:], Glyph: "✗", Class: "failed", Choices: s.choicesOf(c.check)}
		if c.check == checkIDNumber {
			g.Name = "Fail: " + c.name
		}
		p.Checks = append(p.Checks, shownCheck{c.name, whatIsAsked(c.check, c.what, s.options)})
		p.Choices = append(p.Choices, g)
	}
	p.Choices = append(p.Choices, choiceGroup{Name: "Leave before anything is submitted", Glyph: "–", Class: "waiting", Choices: s.choicesOf(checkNone)})
	p.Facts = append(p.Facts, fact{"session", w.sessionID(i)})
	if d.clientReferenceID != "" {
		p.Facts = append(p.Facts, fact{"client_reference_id", d.clientReferenceID})
	}
	for _, m := range d.metadata {
		p.Facts = append(p.Facts, fact{m.key, m.value})
	}
}

// whatIsAsked words a check with the session's options.
func whatIsAsked(c check, usual string, o options) string {
	if c != checkDocument {
		return usual
	}
	what := usual
	if allowed := o.types(); allowed != nil {
		var types []string
		for _, name := range allowed {
			types = append(types, map[string]string{
				"driving_license": "a driving licence", "id_card": "an identity card", "passport": "a passport",
			}[name])
		}
		what = "a photo of " + strings.Join(types, " or ")
	}
	if o&optLiveOn != 0 {
		what += ", taken with the camera now"
	}
	return what
}

// choicesOf are the possible failures of a check.
func (s *session) choicesOf(c check) []choice {
	var list []choice
	for n, f := range failures[1:] {
		if f.check != c || !s.options.possible(s.kind, code(n+1)) {
			continue
		}
		label := strings.TrimSuffix(f.reason, ".")
		if l, ok := leaving[f.name]; ok {
			label = l
		}
		list = append(list, choice{f.name, label, f.name})
	}
	return list
}

// showResult fills in the page that says how far the session is.
func (w *world) showResult(p *page, i uint32) {
	s := &w.sessions[i]
	r := &result{}
	switch w.status[i] {
	case processing:
		*r = result{Glyph: "◐", Class: "processing", Word: "processing", Running: true, Text: "What you submitted is being checked. You may close this page."}
		p.Title = "Being checked"
	case verified:
		*r = result{Glyph: "✓", Class: "verified", Word: "verified", Text: "Your identity is verified. There is nothing left to do."}
		p.Title = "Verified"
	default:
		*r = result{Glyph: "✗", Class: "failed", Word: "failed", Text: failures[s.code].reason, Code: failures[s.code].name}
		p.Title = "Not verified"
		p.Hint = "The session's status is requires_input. To try again, retrieve it to get a new url."
	}
	if u, err := url.Parse(w.detailsOf(i, s.details).returnURL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		r.Return, r.ReturnHost = u.String(), u.Host
	}
	r.Visit = w.visitResult(i)
	p.Result = r
}
