package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What each key may do at each kind of endpoint: the name of the permission that
// it lacks, or "".
func TestPermissions(t *testing.T) {
	t.Parallel()
	const read, write, events, files, account = "identity_product_read", "identity_product_write", "event_read", "file_write", "accounts_kyc_basic_read"
	const webhooks, ephemeral = "webhook_write", "ephemeral_key_write"
	requests := []struct{ method, path, name string }{
		{"GET", sessionsPath, read}, {"GET", sessionsPath + "/ID", read}, {"GET", reportsPath, read}, {"GET", reportsPath + "/vr_x", read},
		{"POST", sessionsPath, write}, {"POST", sessionsPath + "/ID", write}, {"POST", sessionsPath + "/ID/cancel", write}, {"POST", sessionsPath + "/ID/redact", write},
		{"GET", filesPath + "/file_x", files}, {"GET", linksPath, files}, {"POST", linksPath, files}, {"GET", linksPath + "/link_x", files}, {"POST", linksPath + "/link_x", files},
		{"GET", eventsPath, events}, {"GET", eventsPath + "/evt_x", events},
		{"GET", "/v1/account", account},
		{"GET", webhooksPath, webhooks}, {"POST", webhooksPath, webhooks}, {"GET", webhooksPath + "/we_x", webhooks},
		{"POST", webhooksPath + "/we_x", webhooks}, {"DELETE", webhooksPath + "/we_x", webhooks}, {"POST", eventsPath + "/evt_x/retry", webhooks},
		{"POST", ephemeralPath, ephemeral}, {"DELETE", ephemeralPath + "/ephkey_x", ephemeral},
	}
	for key, missing := range map[string]string{
		"sk_test_4eC39HqLyjWDarjtT1zdp7dc": "",
		"rk_test_idtopdemo":                "",
		"rk_test_readonlyZZ":               "", // a name, not the word
		"rkcs_test_sandbox":                "",
		"rk_test_none_1":                   read + write + events + files + account + webhooks + ephemeral,
		"rk_test_read_1":                   write + events + files + account + webhooks + ephemeral,
		"rk_test_read":                     write + events + files + account + webhooks + ephemeral,
		"rk_test_write_abcdef":             events + files + account + webhooks + ephemeral,
		"rk_test_read_events_x_write":      write + files + account + webhooks + ephemeral,
		"rk_test_webhooks_ephemeral_1":     read + write + events + files + account,
		"rk_test_files_account_1":          read + write + events + webhooks + ephemeral,
		"rk_test_configured":               read + write + account + webhooks + ephemeral,
		"sk_test_configured":               write + events + files + account + webhooks + ephemeral,
	} {
		for _, wording := range []bool{false, true} {
			c := newClient(t, Config{Choices: Choices{NewPermissionWording: wording}, Keys: map[string]Permission{
				"rk_test_configured": PermitEvents | PermitFiles, "sk_test_configured": PermitRead,
			}})
			id := c.session(t, "requires_input")
			c.key = key
			for _, request := range requests {
				r := c.do(t, request.method, strings.Replace(request.path, "ID", id, 1), "")
				if !strings.Contains(missing, request.name) {
					if r.status == 403 {
						t.Errorf("%s %s %s: %v", key, request.method, request.path, r)
					}
					continue
				}
				p := r.problem()
				ends := fmt.Sprintf("does not have the required permissions for this endpoint on account '%s'. "+
					"Having the 'rak_%s' permission would allow this request to continue.", c.s.home.world.account, request.name)
				starts := "The provided key 'rk_test_***"
				if wording {
					starts = "Permission denied. " + starts
					ends = fmt.Sprintf("('%s') permissions on this key would allow this request to continue.", request.name)
				}
				starts = strings.Replace(starts, "rk_test_", key[:8], 1)
				if m := text(p["message"]); r.status != 403 || p["type"] != "invalid_request_error" || p["code"] != nil || p["param"] != nil ||
					!strings.HasPrefix(m, starts) || !strings.HasSuffix(m, ends) || strings.Contains(m, key) {
					t.Errorf("%s %s %s: %v, want %s … %s", key, request.method, request.path, r, starts, ends)
				}
			}
		}
	}
}

// Sensitive members, by key and by the age of the verification.
func TestSensitivePermissions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key          string
		fresh, stale bool // are told within 48 hours, and later
	}{
		{"sk_test_1", false, false},
		{"rk_test_read_1", false, false},
		{"rk_test_read_recent_1", true, false},
		{"rk_test_write_recent_1", true, false},
		{"rk_test_read_sensitive_1", true, true},
		{"rk_test_read_recent_sensitive", true, true},
		{"rk_test_idtopdemo", true, true},
	} {
		for _, forbids := range []bool{false, true} {
			at := newClock()
			c := newClient(t, Config{Now: at.Now, Choices: Choices{SensitiveForbidden: forbids}})
			id := c.session(t, "verified")
			waiting := c.session(t, "requires_input")
			report := text(c.get(t, sessionsPath+"/"+id).ok(t).object["last_verification_report"])
			c.key = test.key
			check := func(told bool) {
				t.Helper()
				for _, path := range []string{
					sessionsPath + "/" + id + "?expand[]=verified_outputs.dob",
					sessionsPath + "/" + id + "?expand[]=last_verification_report.document.number",
					reportsPath + "/" + report + "?expand[]=document.dob&expand[]=document.number",
				} {
					r := c.get(t, path)
					if forbids && !told {
						if r.status != 403 || strings.Contains(r.text, test.key) {
							t.Errorf("%s %s: %v", test.key, path, r)
						}
						continue
					}
					r.ok(t)
					if got := strings.Contains(r.text, `"dob":`) || strings.Contains(r.text, `"number":`); got != told {
						t.Errorf("%s %s: tells %v, want %v", test.key, path, got, told)
					}
				}
			}
			check(test.fresh)
			at.add(48 * time.Hour)
			check(test.fresh)
			at.add(time.Second)
			check(test.stale)
			// A page with one old row is answered, without that row's.
			if test.fresh {
				r := c.get(t, sessionsPath+"?expand[]=data.verified_outputs.dob").ok(t)
				if got := strings.Contains(r.text, `"dob":`); got != test.stale {
					t.Errorf("%s: the list tells %v, want %v", test.key, got, test.stale)
				}
				c.get(t, sessionsPath+"/"+waiting+"?expand[]=verified_outputs.dob").ok(t)
			}
		}
	}
}

func TestExpiredKey(t *testing.T) {
	c := newClient(t, Config{})
	c.key = "sk_test_expired_0123456789abcd"
	r := c.get(t, sessionsPath)
	if p := r.problem(); r.status != 401 || p["code"] != "api_key_expired" || p["message"] != "Expired API Key provided: sk_test_********************abcd" {
		t.Error(r)
	}
}
