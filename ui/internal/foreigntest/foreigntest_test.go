package foreigntest

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// finding is a report of the analyzer.
type finding struct{ at, what string }

// analyse runs the analyzer on packages, the imported ones first: the packages above use
// the facts about their results. Packages outside of the module are only types.
func analyse(t *testing.T, patterns ...string) (found []finding, trusted map[string]bool, read []*packages.Package) {
	t.Helper()
	config := &packages.Config{Mode: packages.LoadSyntax, Dir: "../../.."}
	roots, err := packages.Load(config, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(roots) > 0 {
		t.Fatal("the packages do not compile")
	}
	facts, trusted := map[string]*results{}, map[string]bool{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if !slices.Contains(roots, p) || strings.HasSuffix(p.PkgPath, "test") {
			return
		}
		read = append(read, p)
		used, err := Analyzer.Run(&analysis.Pass{
			Analyzer: Analyzer, Fset: p.Fset, Files: p.Syntax, Pkg: p.Types, TypesInfo: p.TypesInfo, TypesSizes: p.TypesSizes,
			Report: func(d analysis.Diagnostic) {
				at := p.Fset.Position(d.Pos)
				_, name, _ := strings.Cut(at.Filename, "/ui/internal/foreigntest/testdata/")
				if name == "" {
					name = at.Filename
				}
				found = append(found, finding{fmt.Sprintf("%s:%d", name, at.Line), d.Message})
			},
			ImportObjectFact: func(of types.Object, fact analysis.Fact) bool {
				known, ok := facts[of.(*types.Func).FullName()]
				if ok {
					*fact.(*results) = *known
				}
				return ok
			},
			ExportObjectFact: func(of types.Object, fact analysis.Fact) { facts[of.(*types.Func).FullName()] = fact.(*results) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for name := range used.(map[string]bool) {
			trusted[name] = true
		}
	})
	return found, trusted, read
}

// No foreign text leaves the program in another way than through ui/safe.
func TestForeignTextLeavesThroughSafeOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads the source of the whole module, which is the same under the race detector")
	}
	found, trusted, read := analyse(t, "./...")
	for _, f := range found {
		t.Errorf("%s: %s", f.at, f.what)
	}
	for name := range Trusted {
		if !trusted[name] {
			t.Errorf("nothing needs the trust in %s any more", name)
		}
	}
	if len(read) < 25 {
		t.Errorf("only %d packages were read", len(read))
	}
}

var wanted = regexp.MustCompile("// want (\"[^\"]*\"|`[^`]*`)")

// The rule above finds the lines of testdata that say // want "...", for that reason, and
// no other line.
func TestLeaksAreFound(t *testing.T) {
	const examples = "./ui/internal/foreigntest/testdata/"
	found, _, read := analyse(t, examples+"below", examples+"good", examples+"bad")
	want := map[string]string{}
	for _, p := range read {
		for _, f := range p.Syntax {
			for _, group := range f.Comments {
				for _, comment := range group.List {
					if m := wanted.FindStringSubmatch(comment.Text); m != nil {
						at := p.Fset.Position(comment.Pos())
						_, name, _ := strings.Cut(at.Filename, "/testdata/")
						want[fmt.Sprintf("%s:%d", name, at.Line)], _ = strconv.Unquote(m[1])
					}
				}
			}
		}
	}
	if len(want) < 30 {
		t.Errorf("only %d bad examples", len(want))
	}
	for _, f := range found {
		pattern, ok := want[f.at]
		if delete(want, f.at); !ok || !regexp.MustCompile(pattern).MatchString(f.what) {
			t.Errorf("%s: found %q, want %q", f.at, f.what, pattern)
		}
	}
	for at, pattern := range want {
		t.Errorf("%s: %q is not found", at, pattern)
	}
}
