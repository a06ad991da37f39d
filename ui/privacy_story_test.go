package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
)

// nameless makes people whose every name is a canary, and returns the canaries.
func nameless(p *program) (canaries []string) {
	canary := func() string {
		canaries = append(canaries, fmt.Sprintf("Qx%02dkw", len(canaries)))
		return canaries[len(canaries)-1]
	}
	for i := range 10 {
		params := client.SessionCreateParams{Type: "document", ClientReferenceID: canary(), Email: client.Private(canary() + "@example.com"),
			Metadata: map[string]string{"plan": canary()}}
		switch user := canary(); i {
		case 0, 1, 2: // one person
			params.Metadata["user_id"] = "same_" + canaries[3]
		case 3:
			params.Metadata["user_id"] = user + "@example.com"
		case 4: // no user_id
		case 5:
			params.Metadata["user_id"] = "sаme_" + canaries[3] // which looks the same
		default:
			params.Metadata["user_id"] = user
		}
		s, err := p.api.CreateSession(p.t.Context(), params, client.NewIdempotencyKey())
		if err != nil {
			p.t.Fatal(err)
		}
		if i%3 == 0 {
			p.control("POST", "sessions/"+s.ID+"/submit", "outcome=verified")
		} else if i%3 == 1 {
			p.control("POST", "sessions/"+s.ID+"/submit", "outcome=requires_input&code=document_expired")
		}
		p.wait(time.Second)
	}
	p.wait(5 * time.Second)
	return canaries
}

// privacyWalk leads over every page and every line with text of people.
var privacyWalk = strings.Fields("g j enter tab m esc t esc esc Y y o L u A enter t esc r esc esc U j enter esc esc " +
	"3 g space j space t E esc esc r esc - 1 j c esc 1 n esc " +
	"/ Qx03 enter esc / user:Qx esc esc / ref:Qx esc esc / userr:Qx0 esc esc / zzQx00kw esc esc " +
	": Qx0 down esc : Qx0zzz enter esc ! esc i esc V esc J esc E esc C esc ? esc 5 g v 1 j u esc")

// While nobody is named, no page, dialog, form, line or message names anybody, whatever
// is pressed, and searches and confirmations do what they always do.
func TestStoryNobodyIsNamed(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			run(t, options{width: size[0], height: size[1], live: size[0] == 120}, func(p *program) {
				canaries := nameless(p)
				if len(canaries) != 40 {
					t.Fatalf("%d canaries", len(canaries))
				}
				p.press("5 g") // what is named before is a message later
				p.press("Y")
				named := 0
				look := func(after string) {
					named = 0
					for _, canary := range canaries {
						if strings.Contains(strings.ToLower(p.screen.Text()+p.screen.Title()), strings.ToLower(canary)) {
							if named++; p.screen.Contains("names off") {
								t.Fatalf("after %s the screen shows %s:\n%s", after, canary, p.screen.Text())
							}
						}
					}
				}
				if look("nothing"); named == 0 {
					t.Fatalf("nothing names anybody even now:\n%s", p.screen.Text())
				}
				p.press("esc 1 ctrl+p")
				p.shows("names off")
				for i, key := range privacyWalk {
					if len(key) > 1 && strings.Contains(key, "Qx") {
						p.types(key)
					} else {
						p.press(key)
					}
					look(fmt.Sprint(privacyWalk[max(0, i-8) : i+1]))
				}
				p.press("esc esc esc 1 / " + canaries[3] + " enter j")
				p.shows("•••")
				if !p.screen.Contains("names off") {
					t.Errorf("the header does not say it:\n%s", p.screen.Text())
				}
				p.press("ctrl+p")
				p.shows(canaries[3])
			})
		})
	}
}

// A user_id that is an e-mail is masked among others, and shown where it is opened.
func TestStoryUserIDsThatNameSomebody(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 1, Sessions: 20}}, func(p *program) {
		p.create("ann@example.com")
		p.wait(4 * time.Second)
		p.hides("ann@example.com", "Lists mask")
		p.shows("••••••••")
		p.create("bob@example.com")
		p.wait(4 * time.Second)
		p.press("g")
		p.shows("Lists mask a user_id")
		p.wait(10 * time.Second)
		p.press("j")
		p.hides("Lists mask", "@")
		p.press("/ ann@ enter enter")
		p.shows("•••••••• ", "ann@example.com")
		p.press("esc u")
		p.shows("\"ann@example.com\"")
	})
	yes, no := true, false
	run(t, options{privacy: &no}, func(p *program) {
		p.create("ann@example.com")
		p.wait(4 * time.Second)
		p.shows("ann@example.com")
		p.hides("lists mask them")
	})
	run(t, options{privacy: &yes}, func(p *program) {
		p.create("ann_8392")
		p.wait(4 * time.Second)
		p.hides("ann_8392")
		p.shows("names off")
		p.press("ctrl+p")
		p.shows("ann_8392")
	})
}

// Only private.go draws a text that names somebody.
func TestOneWayToTheScreen(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	draws := regexp.MustCompile(`safe\.(Line|LineMatched|UserIDQuoted|Spelled)\([^()]*(\.UserID|\.Reference|\.Customer|metadata\[|Search\.Text\(\)|Query\.String\(\)|who\b)`)
	by := regexp.MustCompile(`\b(private|listed|typed)\((l\.m|d\.m|r\.m|m),|\bid :?= safe`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if !strings.HasSuffix(name, "_test.go") && !strings.Contains(line, "who.User") && draws.MatchString(line) && !by.MatchString(line) {
				t.Errorf("%s:%d draws a name past private.go: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
}
