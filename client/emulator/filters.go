package emulator

import "slices"

// sessionFilters combine the filters that sessions have: skip compares columns,
// which rule nearly everything out, and keep the texts behind their hashes.
func (w *world) sessionFilters(f *node) (skip skipper, keep func(row int) bool) {
	reference, customer, account := f.value("client_reference_id"), f.value("related_customer"), f.value("related_customer_account")
	var skips []skipper
	if f.get("status") != nil {
		skips = append(skips, skipUnequal(w.status, status(slices.Index(statusNames, f.value("status")))))
	}
	if reference != "" {
		skips = append(skips, skipUnequal(w.reference, hashText(reference)))
	}
	if customer != "" {
		skips = append(skips, skipUnequal(w.customer, hashText(customer)))
	}
	if account != "" { // no story sets one, so only the sessions made by requests can match
		skips = append(skips, func(row, end, step int) int {
			for ; row != end && w.sessions[row].details == nil; row += step {
			}
			return row
		})
	}
	if reference != "" || customer != "" || account != "" {
		keep = func(row int) bool {
			d := w.detailsOf(uint32(row), w.sessions[row].details)
			return (reference == "" || d.clientReferenceID == reference) && (customer == "" || d.relatedCustomer == customer) &&
				(account == "" || d.relatedCustomerAccount == account)
		}
	}
	return allSkips(skips), keep
}

// skipUnequal walks to the next row with the wanted value in a column.
func skipUnequal[T comparable](column []T, wanted T) skipper {
	return func(row, end, step int) int {
		for ; row != end; row += step {
			if column[row] == wanted {
				return row
			}
		}
		return end
	}
}

// skipUnlisted walks over the given rows, which are ascending, and no others.
func skipUnlisted(rows []int) skipper {
	return func(row, end, step int) int {
		at, found := slices.BinarySearch(rows, row)
		if step < 0 && !found {
			at--
		}
		if at < 0 || at >= len(rows) || (end-rows[at])*step <= 0 {
			return end
		}
		return rows[at]
	}
}

// allSkips walks to the next row that none of the skippers passes over.
func allSkips(skips []skipper) skipper {
	switch len(skips) {
	case 0:
		return nil
	case 1:
		return skips[0]
	}
	return func(row, end, step int) int {
		for row != end {
			at := row
			for _, skip := range skips {
				if row = skip(row, end, step); row == end {
					return end
				}
			}
			if row == at {
				return row
			}
		}
		return end
	}
}

// reportFilter filters by type and by the session's client_reference_id.
// Reports of flows have a type of their own that can't be asked for.
func (w *world) reportFilter(f *node) func(row int) bool {
	wanted, byType := slices.Index(kindNames, f.value("type")), f.get("type") != nil
	reference := f.value("client_reference_id")
	if !byType && reference == "" {
		return nil
	}
	hash := hashText(reference)
	return func(row int) bool {
		r := &w.reports[row]
		if byType && r.kind != kind(wanted) {
			return false
		}
		if reference == "" {
			return true
		}
		return w.reference[r.session] == hash &&
			w.detailsOf(r.session, w.sessions[r.session].details).clientReferenceID == reference
	}
}
