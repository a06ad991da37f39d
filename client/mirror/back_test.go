package mirror_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// either is the way to one of two servers.
type either struct {
	servers [2]http.RoundTripper
	second  atomic.Bool
}

func (e *either) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.second.Load() {
		return e.servers[1].RoundTrip(r)
	}
	return e.servers[0].RoundTrip(r)
}

// TestServersClockIsSetBack: nothing that a server says from then on would be
// newer than what is known, so that the mirror would never change again and yet
// look fresh. It says so instead, in the process that saw it and in the next
// one, until the server's time is right again.
func TestServersClockIsSetBack(t *testing.T) {
	for name, refusal := range map[string]failures{"events": {}, "lists": {events: failing(client.KindPermission)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := emulator.Config{Seed: 5, Sessions: 50}
				a := newAccount(t, world, mirror.SyncerConfig{})
				world.Now = func() time.Time { return time.Now().Add(20 * 24 * time.Hour) }
				way := &either{servers: [2]http.RoundTripper{emulator.Transport(emulator.New(world)), emulator.Transport(a.server)}}
				key, _ := client.ParseKey("rk_test_emulator0000")
				api, err := client.New(client.Config{Key: key, Transport: way})
				if err != nil {
					t.Fatal(err)
				}
				a.broken.API = api
				a.broken.fail(refusal)
				a.start()
				a.wait(time.Minute)
				if s := a.syncer.Status(); s.Err != nil || s.Phase != mirror.Live {
					t.Fatalf("%+v", s)
				}
				way.second.Store(true)
				a.wait(2 * time.Minute)
				if s := a.syncer.Status(); !errors.Is(s.Err, mirror.ErrAhead) {
					t.Errorf("in the process that saw it: %+v", s)
				}
				a.pause(true)
				a.wait(time.Minute)
				b := a.beside()
				b.broken.fail(refusal)
				b.start()
				b.wait(2 * time.Minute)
				if s := b.syncer.Status(); !errors.Is(s.Err, mirror.ErrAhead) {
					t.Errorf("in the next process: %+v", s)
				}
				way.second.Store(false)
				a.pause(false)
				a.wait(3 * time.Minute)
				if s := a.syncer.Status(); s.Err != nil {
					t.Errorf("when the time is right again: %+v", s)
				}
			})
		})
	}
}

// TestStartWithoutNetwork: before anything was read it is known from the mirror
// how old the data is, and that it is not whole.
func TestStartWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 3000}, mirror.SyncerConfig{})
		a.control("POST", "fault", "mode=slow&delay=1s")
		a.start()
		a.wait(10 * time.Second)
		was := a.syncer.Status()
		if !was.Filling || was.Checked.IsZero() {
			t.Fatalf("%+v", was)
		}
		a.pause(true)
		a.wait(time.Hour)
		b := a.beside()
		down := failing(client.KindNetwork)
		b.broken.fail(failures{events: down, get: down, list: func(client.SessionListParams) error { return down("") }})
		b.start()
		b.wait(time.Minute)
		if s := b.syncer.Status(); s.Err == nil || !s.Filling || s.Filled >= 1 || s.Checked.Before(was.Checked) {
			t.Errorf("%+v, before it was %+v", s, was)
		}
	})
}
