package emulator

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A codec writes and reads values of any type of this package with all that they lead
// to, whatever fields they get later. Two pointers to one value stay two pointers to
// one value. Channels are left out: only those who run have some.

// errSpoilt refuses bytes that encode did not write.
var errSpoilt = errors.New("it is cut off or spoilt")

// spell tells the form of a type in words.
func spell(t reflect.Type) string {
	var text strings.Builder
	known := map[reflect.Type]bool{}
	var tell func(t reflect.Type)
	tell = func(t reflect.Type) {
		text.WriteString(t.Kind().String())
		switch t.Kind() {
		case reflect.Map:
			text.WriteByte(' ')
			tell(t.Key())
			fallthrough
		case reflect.Slice, reflect.Pointer:
			text.WriteByte(' ')
			tell(t.Elem())
		case reflect.Array:
			fmt.Fprint(&text, " ", t.Len(), " ")
			tell(t.Elem())
		case reflect.Struct:
			fmt.Fprint(&text, " ", t.Name())
			if known[t] {
				return
			}
			known[t] = true
			for i := range t.NumField() {
				fmt.Fprint(&text, "; ", t.Field(i).Name, " ")
				tell(t.Field(i).Type)
			}
			text.WriteString(";")
		case reflect.Interface, reflect.Func, reflect.UnsafePointer, reflect.Float32, reflect.Float64:
			panic("emulator: " + t.String() + " can't be kept in a snapshot")
		}
	}
	tell(t)
	return text.String()
}

// writer writes values.
type writer struct {
	b    []byte
	seen map[uintptr]uint64 // what pointers led to, by the order of its appearance
}

func (w *writer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		one := byte(0)
		if v.Bool() {
			one = 1
		}
		w.b = append(w.b, one)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.b = binary.AppendVarint(w.b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.b = binary.AppendUvarint(w.b, v.Uint())
	case reflect.String:
		w.b = binary.AppendUvarint(w.b, uint64(v.Len()))
		w.b = append(w.b, v.String()...)
	case reflect.Slice:
		w.b = binary.AppendUvarint(w.b, uint64(v.Len()))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Map:
		w.table(v)
	case reflect.Struct:
		for i := range v.NumField() {
			w.value(v.Field(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			w.b = append(w.b, 0)
			return
		}
		n, again := w.seen[v.Pointer()]
		if !again {
			n = uint64(len(w.seen)) + 1
			w.seen[v.Pointer()] = n
		}
		w.b = binary.AppendUvarint(w.b, n)
		if !again {
			w.value(v.Elem())
		}
	}
}

// table writes a map. Its order is that of the written keys, so that one world is
// always the same bytes.
func (w *writer) table(v reflect.Value) {
	w.b = binary.AppendUvarint(w.b, uint64(v.Len()))
	type row struct {
		key   []byte
		value reflect.Value
	}
	rows := make([]row, 0, v.Len())
	for all := v.MapRange(); all.Next(); {
		key := writer{}
		key.value(all.Key())
		rows = append(rows, row{key.b, all.Value()})
	}
	slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a.key, b.key) })
	for _, one := range rows {
		w.b = append(w.b, one.key...)
		w.value(one.value)
	}
}

// reader reads values that a writer wrote. Bytes that nobody wrote give errSpoilt, or
// values that make no sense, but never more than they have room for.
type reader struct {
	b    []byte
	seen []reflect.Value // what pointers lead to, by the order of its appearance
}

// count reads how many of something follow. Each takes a byte at least.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		panic(errSpoilt)
	}
	return int(n)
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		panic(errSpoilt)
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.uint() == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, size := binary.Varint(r.b)
		if size <= 0 || v.OverflowInt(n) {
			panic(errSpoilt)
		}
		r.b = r.b[size:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := r.uint()
		if v.OverflowUint(n) {
			panic(errSpoilt)
		}
		v.SetUint(n)
	case reflect.String:
		n := r.count()
		v.SetString(string(r.b[:n]))
		r.b = r.b[n:]
	case reflect.Slice:
		n, e := r.count(), v.Type().Elem()
		if e.Kind() == reflect.Struct && n*e.NumField() > len(r.b) { // a field takes a byte at least
			panic(errSpoilt)
		}
		if n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			r.value(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.count() {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.value(key)
			r.value(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i) // may be unexported: it is set through a pointer to it
			r.value(reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem())
		}
	case reflect.Pointer:
		switch n := r.uint(); {
		case n == 0:
		case n <= uint64(len(r.seen)) && r.seen[n-1].Type() == v.Type():
			v.Set(r.seen[n-1])
		case n == uint64(len(r.seen))+1:
			to := reflect.New(v.Type().Elem())
			r.seen = append(r.seen, to)
			v.Set(to)
			r.value(to.Elem())
		default:
			panic(errSpoilt)
		}
	}
}

// encode gives the bytes of the value behind a pointer.
func encode[T any](of *T) []byte {
	w := writer{seen: map[uintptr]uint64{}}
	w.value(reflect.ValueOf(of).Elem())
	return w.b
}

// decode reads what encode wrote.
func decode[T any](b []byte) (to *T, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p != errSpoilt {
				panic(p)
			}
			err = errSpoilt
		}
	}()
	r, to := reader{b: b}, new(T)
	r.value(reflect.ValueOf(to).Elem())
	if len(r.b) > 0 {
		return nil, errSpoilt
	}
	return to, nil
}
