package client

// DashboardURL returns the page of a session in Stripe's Dashboard.
func DashboardURL(id string, live bool) (string, error) {
	if !ValidSessionID(id) {
		return "", Refusal("open in the dashboard", id, BadID)
	}
	mode := "test/"
	if live {
		mode = ""
	}
	return "https://dashboard.stripe.com/" + mode + "identity/verification-sessions/" + id, nil
}
