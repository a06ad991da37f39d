package emulator

import "slices"

// kind is a session's type.
type kind uint8

const (
	kindDocument kind = iota
	kindIDNumber
	kindFlow
)

var kindNames = []string{kindDocument: "document", kindIDNumber: "id_number", kindFlow: "verification_flow"}

// options are the checks that a session asks for, as bits: a million sessions have few
// different ones. A switch has two bits, said and on, because an option that
// was sent as false is answered as false and one that was not sent is left out.
type options uint16

const (
	optDocument options = 1 << iota // options.document is there
	optIDNumberSaid
	optIDNumberOn
	optLiveSaid
	optLiveOn
	optSelfieSaid
	optSelfieOn
	optIDNumber // options.id_number is there (type id_number)
	optFlow     // options is null: a flow's configuration is not told
)

// The bits above are the position in typeOrders of options.document.allowed_types.
const (
	typesShift = 10
	optTypes   = options(0xf << typesShift)
)

// documentTypes are the values of allowed_types.
var documentTypes = []string{"driving_license", "id_card", "passport"}

// typeOrders are all values that allowed_types can have: they are answered in the
// order in which they were sent. The first is that of an option that was not sent.
var typeOrders = func() (orders [][]string) {
	orders = [][]string{nil}
	for n := 0; n < len(orders); n++ {
		for _, name := range documentTypes {
			if !slices.Contains(orders[n], name) {
				orders = append(orders, append(slices.Clone(orders[n]), name))
			}
		}
	}
	return orders
}()

// types are the document types that are allowed; nil: all, as the option was not sent.
func (o options) types() []string { return typeOrders[o>>typesShift] }

// withTypes allows only some types of document. A type that is named twice counts once.
func (o options) withTypes(names ...string) options {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	at := slices.IndexFunc(typeOrders, func(order []string) bool { return slices.Equal(order, once) })
	return o&^optTypes | options(max(at, 0))<<typesShift
}

// switches are the yes-or-no options of options.document, each with its "said"
// bit; the "on" bit is the one above it.
var switches = []struct {
	name string
	said options
}{
	{"require_id_number", optIDNumberSaid},
	{"require_live_capture", optLiveSaid},
	{"require_matching_selfie", optSelfieSaid},
}

// set says a switch on or off.
func (o options) set(said options, on bool) options {
	o |= said
	if on {
		return o | said<<1
	}
	return o &^ (said << 1)
}

// checks tells whether a session of this kind and these options runs a check.
func (o options) checks(k kind, c check) bool {
	switch c {
	case checkDocument:
		return k != kindIDNumber
	case checkSelfie:
		return k == kindFlow || o&optSelfieOn != 0
	case checkIDNumber:
		return k == kindIDNumber || o&optIDNumberOn != 0
	case checkEmail, checkPhone:
		return k == kindFlow
	}
	return false
}

// session writes the options member of a session.
func (o options) session(w *out) {
	if o&optFlow != 0 {
		w.null()
		return
	}
	o.write(w)
}

// write writes the options that there are, as a report shows them.
func (o options) write(w *out) {
	w.open('{')
	if o&optDocument != 0 {
		w.key("document").open('{')
		if types := o.types(); types != nil {
			w.key("allowed_types").open('[')
			for _, name := range types {
				w.text(name)
			}
			w.close(']')
		}
		for _, s := range switches {
			if o&s.said != 0 {
				w.key(s.name).boolean(o&(s.said<<1) != 0)
			}
		}
		w.close('}')
	}
	if o&optIDNumber != 0 {
		w.key("id_number").open('{')
		w.close('}')
	}
	w.close('}')
}
