package client

// Reason is the meaning of a failure code to the operator.
type Reason struct {
	Code  string
	Label string // a few words, for the list
	What  string // one sentence: what happened
	Next  string // who has to act next, and what to do
	Mover Mover
	Retry Retry
}

// Mover is the one who has to act next.
type Mover uint8

// The movers.
const (
	MoverNobody Mover = iota
	MoverUser
	MoverOperator
)

// String returns the mover's word.
func (m Mover) String() string {
	switch m {
	case MoverUser:
		return "user"
	case MoverOperator:
		return "operator"
	}
	return "nobody"
}

// Retry is whether the same person can pass with the same session.
type Retry uint8

// The answers to that.
const (
	RetryMaybe Retry = iota
	RetryYes
	RetryNo
	RetryIfWilling
)

// String returns the answer in words.
func (r Retry) String() string {
	switch r {
	case RetryYes:
		return "yes"
	case RetryNo:
		return "no"
	case RetryIfWilling:
		return "if they change their mind"
	}
	return "maybe"
}

// NoCode stands for the code of a failure that has a reason in words only. It is
// ours, not Stripe's.
const NoCode = "no_code"

// BeforeAnyCheck tells whether a session that failed with this code did so before
// anything was checked, so that no report tells of it.
func BeforeAnyCheck(code string) bool {
	switch code {
	case "abandoned", "consent_declined", "country_not_supported", "device_not_supported", "under_supported_age":
		return true
	}
	return false
}

// ReasonOf looks up the code of a session's last_error or of a check's error. An
// unknown code is its own label; "" is no failure and gives the zero Reason.
func ReasonOf(code string) Reason {
	if code == "" {
		return Reason{}
	}
	for _, r := range reasons {
		if r.Code == code {
			return r
		}
	}
	if code == NoCode {
		return Reason{
			Code:  code,
			Label: "without a code",
			What:  "Stripe gave a reason in its own words and no code for it.",
			Next:  "You: open the session in the Stripe Dashboard, which shows the reason.",
			Mover: MoverOperator,
			Retry: RetryMaybe,
		}
	}
	return Reason{
		Code:  code,
		Label: code,
		What:  "Stripe gave a reason that this version of idtop does not know.",
		Next:  "You: open the session in the Stripe Dashboard, which explains it.",
		Mover: MoverOperator,
		Retry: RetryMaybe,
	}
}

// ReasonCodes are the codes of the catalogue, in its order.
func ReasonCodes() []string {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = r.Code
	}
	return codes
}

// CheckName returns the words for a check's name in the API; an unknown name is
// returned unchanged.
func CheckName(name string) string {
	switch name {
	case "id_number":
		return "ID number"
	case "email":
		return "e-mail address"
	case "phone":
		return "phone number"
	}
	return name // document, selfie, and what Stripe adds
}

// reasons is the catalogue. Codes and their meaning are Stripe's; whether a retry
// helps and who has to act next is our judgement where Stripe does not say it.
var reasons = []Reason{
	{
		"abandoned", "left before submitting",
		"The person opened the verification and left without submitting anything.",
		"User: finish the same session. Send a fresh link; cancel when it is too old to matter.",
		MoverUser, RetryYes,
	},
	{
		"consent_declined", "declined consent",
		"The person refused Stripe's consent screen, so nothing was checked and there is no report.",
		"You: offer another way to prove who they are. The same session works if they agree on a new visit.",
		MoverOperator, RetryIfWilling,
	},
	{
		"country_not_supported", "country not supported",
		"The person chose a country that Stripe does not verify.",
		"You: verify by hand. Only a document or residence of a supported country helps here.",
		MoverOperator, RetryNo,
	},
	{
		"device_not_supported", "no usable camera",
		"The device has no camera, or access to it was refused.",
		"User: switch device or browser, or allow the camera, and use a fresh link to the same session.",
		MoverUser, RetryYes,
	},
	{
		"under_supported_age", "under age",
		"The person is younger than Stripe verifies.",
		"You: refuse or verify by hand, and treat what is stored as the data of a minor.",
		MoverOperator, RetryNo,
	},
	{
		"document_expired", "document expired",
		"The document is past its expiry date.",
		"User: try again with a valid document. Same session, fresh link.",
		MoverUser, RetryYes,
	},
	{
		"document_type_not_supported", "wrong document type",
		"The document is not of a type that this session allows.",
		"User: try again with an allowed type. You: widen the allowed types if they are a mistake.",
		MoverUser, RetryYes,
	},
	{
		"document_type_not_allowed", "wrong document type",
		"The document is not of a type that this session allows.",
		"User: try again with an allowed type. You: widen the allowed types if they are a mistake.",
		MoverUser, RetryYes,
	},
	{
		"document_unverified_other", "document not verified",
		"Stripe could not establish that the document is genuine and readable.",
		"You: look at the pictures in the Dashboard first. A better photo or another document often works, a forged one never.",
		MoverOperator, RetryMaybe,
	},
	{
		"selfie_document_missing_photo", "document without photo",
		"The document has no picture of a face to compare the selfie with.",
		"User: try again with a document that has a photo. Same session, fresh link.",
		MoverUser, RetryYes,
	},
	{
		"selfie_face_mismatch", "selfie does not match",
		"The face in the selfie and the face on the document were judged to be different.",
		"You: compare the pictures in the Dashboard. Better light or a newer document can help; it may be someone else.",
		MoverOperator, RetryMaybe,
	},
	{
		"selfie_manipulated", "selfie manipulated",
		"The selfie was judged to be altered or not taken live.",
		"You: treat it as a sign of fraud, review it and limit further attempts. A genuine new selfie can pass.",
		MoverOperator, RetryMaybe,
	},
	{
		"selfie_unverified_other", "selfie not verified",
		"The selfie could not be verified for another reason.",
		"User: take a new selfie. You: review the pictures if it fails again.",
		MoverUser, RetryMaybe,
	},
	{
		"id_number_insufficient_document_data", "too little document data",
		"The document did not give the name or date of birth that the ID number is checked with.",
		"User: try again with another document. Same session, fresh link.",
		MoverUser, RetryYes,
	},
	{
		"id_number_mismatch", "ID number does not match",
		"Name, date of birth and ID number match no record in the sources that were asked.",
		"User: try again if something was mistyped. You: verify by hand if it was not.",
		MoverUser, RetryMaybe,
	},
	{
		"id_number_unverified_other", "ID number not verified",
		"The ID number could not be verified for another reason, such as an unsupported kind.",
		"User: try again later or with another kind of number.",
		MoverUser, RetryMaybe,
	},
	{
		"email_unverified_other", "e-mail not verified",
		"Stripe could not verify the e-mail address.",
		"User: try again with a corrected address. You: correct it in the session if your system gave it.",
		MoverUser, RetryMaybe,
	},
	{
		"email_verification_declined", "e-mail not confirmed",
		"The person did not confirm the e-mail address with the code sent there.",
		"User: try again with access to the mailbox, or with a corrected address.",
		MoverUser, RetryYes,
	},
	{
		"phone_unverified_other", "phone not verified",
		"Stripe could not verify the phone number.",
		"User: try again with a corrected number. You: correct it in the session if your system gave it.",
		MoverUser, RetryMaybe,
	},
	{
		"phone_verification_declined", "phone not confirmed",
		"The person did not confirm the phone number with the code sent there.",
		"User: try again with access to the phone, or with a corrected number.",
		MoverUser, RetryYes,
	},
	{
		"address_mismatch", "address does not match",
		"The address matches no record of the person in the sources that were asked.",
		"User: try again if the address was mistyped or has changed. You: verify by hand if it is right.",
		MoverUser, RetryMaybe,
	},
}
