package emulator

import (
	"encoding/base64"
	"net/http"
)

// tokenEnd stands behind the account in tokens.
const tokenEnd = ",_"

// accountOf is the account that ids of a seed have a piece of.
func accountOf(seed uint64) string {
	c := newIDCodec(seed)
	return "acct_1" + c.account
}

// belong makes the world that of an account. Tokens begin with it, as Stripe's do.
func (w *world) belong(account string) {
	w.account = account
	w.tokenPrefix = base64.RawURLEncoding.EncodeToString([]byte(account + tokenEnd))
}

// getAccount answers with the little that a client shows of its account.
func getAccount(w *world, q *query) (answer, *apiError) {
	var o out
	o.open('{')
	o.key("id").text(w.account)
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
