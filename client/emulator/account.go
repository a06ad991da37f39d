package emulator

import "net/http"

// accountID is the id of the world's account.
func (w *world) accountID() string {
	if w.account != "" {
		return w.account
	}
	return "acct_1" + w.ids.account
}

// getAccount answers with the little that a client shows of its account.
func getAccount(w *world, q *query) (answer, *apiError) {
	var o out
	o.open('{')
	o.key("id").text(w.accountID())
	o.key("object").text("account")
	o.key("business_profile").open('{')
	o.key("name").text(q.name)
	o.close('}')
	o.key("country").text("US")
	o.key("settings").open('{')
	o.key("dashboard").open('{')
	o.key("display_name").text(q.name)
	o.key("timezone").text("Etc/UTC")
	o.close('}')
	o.close('}')
	o.key("type").text("standard")
	o.close('}')
	return answer{status: http.StatusOK, body: o.b}, nil
}
