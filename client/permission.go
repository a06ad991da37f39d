package client

import "strings"

// Permission is a right that a restricted key is given in Stripe's Dashboard.
type Permission struct {
	Name string // as the Dashboard has it
	Code string // Stripe's name in refusals, "" where it is not known
	For  string // what idtop does with it
}

// The permissions that idtop has a use for. A key with PermitWrite needs no PermitRead.
var (
	PermitRead      = Permission{`Identity, Verification Sessions and Reports: Read`, "rak_identity_product_read", "see sessions and reports"}
	PermitWrite     = Permission{`Identity, Verification Sessions and Reports: Write`, "rak_identity_product_write", "cancel, redact and create sessions"}
	PermitEvents    = Permission{`Events: Read`, "rak_event_read", "follow changes with few requests"}
	PermitSensitive = Permission{`Identity, Access recent sensitive verification results: Read`, "", "reveal dates of birth and document numbers, for 48 hours"}
	PermitAccount   = Permission{`Basic Account Information: Read`, "rak_accounts_kyc_basic_read", "show the account's name"}
)

// permissions are all of them.
var permissions = []Permission{PermitRead, PermitWrite, PermitEvents, PermitSensitive, PermitAccount}

// PermissionOf returns the permission of one of Stripe's names; ok is false where it is
// none that idtop knows.
func PermissionOf(code string) (p Permission, ok bool) {
	for _, p := range permissions {
		if p.Code == code && code != "" {
			return p, true
		}
	}
	return Permission{}, false
}

// RestrictedKey lists the permissions that a key needs instead of a full secret key, for
// looking only or for acting too.
func RestrictedKey(acts bool) string {
	first := PermitRead
	if acts {
		first = PermitWrite
	}
	var list []string
	for _, p := range []Permission{first, PermitEvents, PermitSensitive} {
		list = append(list, `"`+p.Name+`"`)
	}
	return strings.Join(list, ", ")
}

// FullKeyWarning says why a full secret key of a live account is a danger.
const FullKeyWarning = "this is a full secret key of a live account: with it one can do everything there, also move money"

// FullKeyHint says which key to use instead.
func FullKeyHint() string {
	return "in the Stripe Dashboard make a restricted key with " + RestrictedKey(true) +
		" and nothing else (Read instead of Write only to look), and take this one off this machine"
}
