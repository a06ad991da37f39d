package emulator

import (
	"fmt"
	"strings"
	"time"
)

// namedPerson is somebody whom a control can choose by name.
type namedPerson struct {
	name  string
	texts func(now time.Time) []pair
}

// namedPeople are all of them. Their ages follow the emulator's clock.
var namedPeople = []namedPerson{
	{"jenny", fixed("first_name", "Jenny", "last_name", "Rosen", "dob", "1991-04-23", "document_type", "driving_license", "issuing_country", "US",
		"address[line1]", "354 Oyster Point Blvd", "address[city]", "South San Francisco", "address[state]", "CA", "address[postal_code]", "94080", "address[country]", "US",
		"id_number_type", "us_ssn", "id_number", "0000")},
	{"eighteen", aged("Alex", 18, 0)},
	{"seventeen", aged("Robin", 18, 1)},
	{"accents", fixed("first_name", "Zoë Ángela", "last_name", "Müller-Ñúñez", "dob", "1984-02-29", "issuing_country", "ES")},
	{"mononym", fixed("first_name", "", "last_name", "Sukma", "dob", "1979-11-05", "issuing_country", "ID")},
	{"long", fixed("first_name", "Maximiliana Wilhelmina Alexandrina Theodora Josephine", "last_name", "von und zu Hohenlohe-Waldenburg-Schillingsfürst", "dob", "1962-07-14", "issuing_country", "DE")},
	{"undated", fixed("first_name", "Sam", "last_name", "Undated", "dob", "", "document_type", "passport", "issuing_country", "GB")},
}

func fixed(texts ...string) func(time.Time) []pair {
	return func(time.Time) (pairs []pair) {
		for i := 0; i < len(texts); i += 2 {
			pairs = append(pairs, pair{texts[i], texts[i+1]})
		}
		return pairs
	}
}

// aged is somebody who has a birthday in some days.
func aged(first string, years, inDays int) func(time.Time) []pair {
	return func(now time.Time) []pair {
		birth := now.AddDate(0, 0, inDays).AddDate(-years, 0, 0)
		return []pair{{"first_name", first}, {"last_name", "Young"}, {"dob", birth.Format(time.DateOnly)}, {"issuing_country", "US"}}
	}
}

// castPerson gives the texts of somebody.
func castPerson(name string, now time.Time) ([]pair, error) {
	var names []string
	for _, p := range namedPeople {
		if p.name == name {
			return p.texts(now), nil
		}
		names = append(names, p.name)
	}
	return nil, fmt.Errorf("person=%s is nobody; there are: %s", clip(name), strings.Join(names, ", "))
}
