package client

import (
	"encoding/json"
	"fmt"
	"io"
)

// Date is a calendar date of a person or document, private like a name. The
// placeholder of a redacted date is 1 January of the year 1.
type Date struct {
	day, month, year int
}

// UnmarshalJSON decodes Stripe's {day, month, year}; each may be null.
func (d *Date) UnmarshalJSON(data []byte) error {
	var parts struct{ Day, Month, Year int }
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	*d = Date{parts.Day, parts.Month, parts.Year}
	return nil
}

// Private returns the date as year-month-day, "" for none and "[redacted]" for
// the placeholder of a redacted one.
func (d *Date) Private() Private {
	switch {
	case d == nil || *d == Date{}:
		return ""
	case *d == Date{1, 1, 1}:
		return "[redacted]"
	}
	return Private(fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day))
}

// Format implements fmt.Formatter with a mask for every verb.
func (d Date) Format(f fmt.State, _ rune) { io.WriteString(f, mask) }

// String implements fmt.Stringer with a mask.
func (d Date) String() string { return mask }

// GoString implements fmt.GoStringer with a mask.
func (d Date) GoString() string { return mask }

// MarshalText keeps the value out of JSON and other encodings.
func (d Date) MarshalText() ([]byte, error) { return []byte(mask), nil }
