package client

// DashboardURL returns the page of a session in Stripe's Dashboard.
func DashboardURL(id string, live bool) (string, error) {
	if !ValidSessionID(id) {
		return "", &Error{Kind: KindRefused, Op: "open in the dashboard", ID: cut(id, 64), Message: badID}
	}
	mode := "test/"
	if live {
		mode = ""
	}
	return "https://dashboard.stripe.com/" + mode + "identity/verification-sessions/" + id, nil
}
