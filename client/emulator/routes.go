package emulator

import (
	"net/http"
	"strings"
)

// endpoint is one operation of the API.
type endpoint struct {
	method string
	path   string // {id} stands for one segment
	needs  Permission
	fields []field
	expand []expansion
	list   bool
	run    func(w *world, q *query) (answer, *apiError)
	// unpublished operations are not in Stripe's specification of this host.
	unpublished bool
	bare        bool // it takes not even expand
}

// query is a valid request to an endpoint.
type query struct {
	id     string // the path's
	form   *node
	view   view
	access access
	cause  cause
	name   string // of the account
	world  string // the name of the world; "": it has none
	// versioned tells that the request says the version of the API.
	versioned bool
}

var (
	pageFields   = []field{{name: "limit", form: formInteger}, {name: "starting_after"}, {name: "ending_before"}}
	listFields   = append([]field{{name: "created", form: formRange}}, pageFields...)
	optionsField = field{name: "options", form: formObject, fields: []field{
		{name: "document", form: formObject, clearable: true, fields: []field{
			{name: "allowed_types", form: formList, clearable: true, values: documentTypes},
			{name: "require_id_number", form: formBoolean},
			{name: "require_live_capture", form: formBoolean},
			{name: "require_matching_selfie", form: formBoolean},
		}},
	}}
	detailsField = field{name: "provided_details", form: formObject, fields: []field{
		{name: "email", form: formEmail, clearable: true}, {name: "phone", clearable: true},
	}}
	metadataField = field{name: "metadata", form: formMetadata, clearable: true}
	typeField     = field{name: "type", form: formEnum, values: []string{"document", "id_number"}}
	updateFields  = []field{typeField, optionsField, detailsField, metadataField}
	createFields  = append([]field{
		{name: "verification_flow"}, {name: "client_reference_id"}, {name: "related_customer"},
		{name: "related_customer_account"}, {name: "return_url", form: formURL},
		{name: "related_person", form: formObject, fields: []field{{name: "account"}, {name: "person"}}},
	}, updateFields...)
	sessionListFields = append([]field{
		{name: "client_reference_id"}, {name: "related_customer"}, {name: "related_customer_account"},
		{name: "status", form: formEnum, values: []string{"canceled", "processing", "requires_input", "verified"}},
	}, listFields...)
	reportListFields = append([]field{
		{name: "client_reference_id"}, {name: "verification_session"}, typeField,
	}, listFields...)
	eventListFields = append([]field{
		{name: "type"}, {name: "types", form: formList}, {name: "delivery_success", form: formBoolean},
	}, listFields...)
	linkListFields   = append([]field{{name: "file"}, {name: "expired", form: formBoolean}}, listFields...)
	linkFields       = []field{{name: "file"}, {name: "expires_at", form: formInteger}, metadataField}
	linkUpdateFields = []field{{name: "expires_at", form: formTime}, metadataField}
	webhookFields    = []field{
		{name: "url"}, {name: "enabled_events", form: formList}, {name: "description", clearable: true}, metadataField,
	}
	webhookCreateFields = append([]field{{name: "api_version"}, {name: "connect", form: formBoolean}}, webhookFields...)
	webhookUpdateFields = append([]field{{name: "disabled", form: formBoolean}}, webhookFields...)
	ephemeralFields     = []field{{name: "customer"}, {name: "issuing_card"}, {name: "nonce"}, {name: "verification_session"}}
	retryFields         = []field{{name: "webhook_endpoint"}, {name: "account"}}
)

const (
	apiPrefix    = "/v1/"
	sessionsPath = "/v1/identity/verification_sessions"
	redactPath   = sessionsPath + "/{id}/redact"
	reportsPath  = "/v1/identity/verification_reports"
	eventsPath   = "/v1/events"
	filesPath    = "/v1/files"
	linksPath    = "/v1/file_links"
)

var endpoints = append(sessionControlsAs(sessionControl.endpoint), []endpoint{
	{method: "GET", path: sessionsPath, needs: PermitRead, fields: sessionListFields, expand: sessionExpansions, list: true, run: listSessions},
	{method: "POST", path: sessionsPath, needs: PermitWrite, fields: createFields, expand: sessionExpansions, run: createSession},
	{method: "GET", path: sessionsPath + "/{id}", needs: PermitRead, expand: sessionExpansions, run: getSession},
	{method: "POST", path: sessionsPath + "/{id}", needs: PermitWrite, fields: updateFields, expand: sessionExpansions, run: updateSession},
	{method: "POST", path: sessionsPath + "/{id}/cancel", needs: PermitWrite, expand: sessionExpansions, run: cancelSession},
	{method: "POST", path: redactPath, needs: PermitWrite, expand: sessionExpansions, run: redactSession},
	{method: "GET", path: reportsPath, needs: PermitRead, fields: reportListFields, expand: reportExpansions, list: true, run: listReports},
	{method: "GET", path: reportsPath + "/{id}", needs: PermitRead, expand: reportExpansions, run: getReport},
	{method: "GET", path: eventsPath, needs: PermitEvents, fields: eventListFields, list: true, run: listEvents},
	{method: "GET", path: eventsPath + "/{id}", needs: PermitEvents, run: getEvent},
	{method: "POST", path: eventsPath + "/{id}/retry", needs: PermitWebhooks, fields: retryFields, run: retryEvent, unpublished: true},
	{method: "POST", path: ephemeralPath, needs: PermitEphemeral, fields: ephemeralFields, run: createEphemeralKey},
	{method: "DELETE", path: ephemeralPath + "/{id}", needs: PermitEphemeral, run: deleteEphemeralKey},
	{method: "GET", path: webhooksPath, needs: PermitWebhooks, fields: pageFields, list: true, run: listEndpoints},
	{method: "POST", path: webhooksPath, needs: PermitWebhooks, fields: webhookCreateFields, run: createEndpoint},
	{method: "GET", path: webhooksPath + "/{id}", needs: PermitWebhooks, run: getEndpoint},
	{method: "POST", path: webhooksPath + "/{id}", needs: PermitWebhooks, fields: webhookUpdateFields, run: updateEndpoint},
	{method: "DELETE", path: webhooksPath + "/{id}", needs: PermitWebhooks, run: deleteEndpoint, bare: true},
	{method: "GET", path: filesPath + "/{id}", needs: PermitFiles, expand: fileExpansions, run: getFile},
	{method: "GET", path: contentsPath, needs: PermitFiles, run: getContents, unpublished: true},
	{method: "GET", path: linksPath, needs: PermitFiles, fields: linkListFields, expand: linkExpansions, list: true, run: listLinks},
	{method: "POST", path: linksPath, needs: PermitFiles, fields: linkFields, expand: linkExpansions, run: createLink},
	{method: "GET", path: linksPath + "/{id}", needs: PermitFiles, expand: linkExpansions, run: getLink},
	{method: "POST", path: linksPath + "/{id}", needs: PermitFiles, fields: linkUpdateFields, expand: linkExpansions, run: updateLink},
	{method: "GET", path: "/v1/account", needs: PermitAccount, run: getAccount},
}...)

// findEndpoint gives the endpoint of a request and the id in its path.
func findEndpoint(method, path string) (*endpoint, string, *apiError) {
	for i := range endpoints {
		if e := &endpoints[i]; e.method == method {
			if id, ok := matchPath(e.path, path); ok {
				return e, id, nil
			}
		}
	}
	return nil, "", &apiError{
		status: http.StatusNotFound, kind: typeInvalid, early: true,
		message: "Unrecognized request URL (" + clip(method) + ": " + clip(path) + "). " +
			"Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
	}
}

func matchPath(pattern, path string) (id string, ok bool) {
	before, after, parameter := strings.Cut(pattern, "{id}")
	if !parameter {
		return "", path == pattern
	}
	rest, ok := strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(rest, after)
	return id, ok && id != "" && !strings.Contains(id, "/")
}

// parse makes a query out of the parameters of a request.
func (e *endpoint) parse(raw string, a access) (*query, *apiError) {
	known := e.fields
	if !e.bare {
		known = append([]field{{name: "expand", form: formList}}, known...)
	}
	form, err := parseForm(raw, known)
	if err != nil {
		return nil, err
	}
	seen, err := parseExpand(form.values("expand"), e.expand, e.list)
	if err != nil {
		return nil, err
	}
	return &query{form: form, view: a.permitted(seen), access: a}, nil
}
