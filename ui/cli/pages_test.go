package cli_test

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The README and its pages. readme_test.go runs their commands.
var pages = []string{"README.md", ".github/USING.md", ".github/KEYS.md", ".github/QUERY.md", ".github/EMULATOR.md", ".github/BENCHMARKS.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", ".github/CHANGELOG.md"}

func pageText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// declared are the names at the top level of the files of some folders, methods with
// their type: "jobs.go:Model.startJob" by file, in the folders' own names.
func declared(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, f := range goFiles(t) {
		for _, decl := range f.ast.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				name := decl.Name.Name
				if decl.Recv != nil {
					name = receiver(decl.Recv.List[0].Type) + "." + name
				}
				names[f.name+":"+name] = true
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[f.name+":"+spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, id := range spec.Names {
							names[f.name+":"+id.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// These pages name files, folders and declarations that exist.
func TestPagesNameWhatExists(t *testing.T) {
	names := declared(t)
	for page, least := range map[string]int{".github/CONTRIBUTING.md": 40, ".github/SECURITY.md": 40} {
		testNames(t, page, names, least)
	}
}

func testNames(t *testing.T, page string, names map[string]bool, least int) {
	declarations, text := 0, pageText(t, page)
	for _, m := range regexp.MustCompile("`([^` ]+)`").FindAllStringSubmatch(text, -1) {
		name := m[1]
		file, declaration, ok := strings.Cut(name, ":")
		switch {
		case ok && strings.HasSuffix(file, ".go"):
			declarations++
			if !names[name] {
				t.Errorf("%s declares no %s", file, declaration)
			}
		case strings.Contains(name, "/") && !strings.Contains(name, ":") && !strings.HasSuffix(name, "..."):
			if _, err := os.Stat(filepath.Join(root(), name)); err != nil {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if declarations < least {
		t.Errorf("%s names %d declarations", page, declarations)
	}
}

// The drawing has each package, and none that is gone.
func TestContributingDrawsEachPackage(t *testing.T) {
	_, drawing, _ := strings.Cut(pageText(t, ".github/CONTRIBUTING.md"), "\n```text\n")
	drawing, _, _ = strings.Cut(drawing, "\n```\n")
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^[ │├└─]*([a-z/.]+)`).FindAllStringSubmatch(drawing, -1) {
		drawn[strings.TrimSuffix(m[1], "main.go")] = true
	}
	dirs := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test || strings.Contains(f.dir, "internal") || isForTests(f.dir) && !strings.HasPrefix(f.dir, "client/mirror/") && !strings.HasPrefix(f.dir, "client/ledger/") {
			continue
		}
		dir := strings.TrimPrefix(f.dir, ".")
		dirs[strings.TrimPrefix(strings.TrimPrefix(dir, "client/mirror/"), "client/ledger/")] = true
	}
	for dir := range dirs {
		if !drawn[dir] {
			t.Errorf("the drawing lacks %s", dir)
		}
	}
	for dir := range drawn {
		if !dirs[dir] {
			t.Errorf("the drawing has %s, which is no package", dir)
		}
	}
}

// The walk is numbered, and says how long it is.
func TestContributingCountsTheWalk(t *testing.T) {
	text := pageText(t, ".github/CONTRIBUTING.md")
	_, walk, _ := strings.Cut(text, "<!-- walk -->")
	walk, _, _ = strings.Cut(walk, "<!-- end of walk -->")
	files := map[string]bool{}
	calls := regexp.MustCompile("(?m)^\\| (\\d+) \\| `([^:`]+):").FindAllStringSubmatch(walk, -1)
	for i, m := range calls {
		files[m[2]] = true
		if m[1] != fmt.Sprint(i+1) {
			t.Errorf("call %s of the walk stands in place %d", m[1], i+1)
		}
	}
	if want := fmt.Sprintf("%d calls in %d files", len(calls), len(files)); !strings.Contains(text, want) {
		t.Errorf("CONTRIBUTING.md does not say %q", want)
	}
}

// The go test commands of all pages name packages and tests that exist.
func TestPagesTestWhatExists(t *testing.T) {
	files, ran := goFiles(t), 0
	flags := regexp.MustCompile(`-(run|bench|fuzz) '?([^ ']+)'?`)
	for _, page := range pages {
		for _, m := range regexp.MustCompile("(?m)`(go test [^`]+)`|^(go test .*)$").FindAllStringSubmatch(pageText(t, page), -1) {
			command := m[1] + m[2]
			ran++
			var dirs []string
			for _, f := range files {
				for _, arg := range strings.Fields(command) {
					if pattern, ok := strings.CutPrefix(arg, "./"); ok && f.test && within(f.dir, []string{pattern}) {
						dirs = append(dirs, f.dir)
					}
				}
			}
			if len(dirs) == 0 {
				t.Errorf("%s: %s has no such package with tests", page, command)
			}
			for _, flag := range flags.FindAllStringSubmatch(command, -1) {
				kind := map[string]string{"run": "Test", "bench": "Benchmark", "fuzz": "Fuzz"}[flag[1]]
				pattern, err := regexp.Compile(flag[2])
				if err != nil || flag[2] == "xxx" || flag[2] == "." {
					continue
				}
				if !slices.ContainsFunc(files, func(f goFile) bool {
					return f.test && slices.Contains(dirs, f.dir) && slices.ContainsFunc(f.ast.Decls, func(d ast.Decl) bool {
						function, ok := d.(*ast.FuncDecl)
						return ok && strings.HasPrefix(function.Name.Name, kind) && pattern.MatchString(function.Name.Name)
					})
				}) {
					t.Errorf("%s: %s: nothing is called %s there", page, command, flag[2])
				}
			}
		}
	}
	if ran < 20 {
		t.Errorf("the pages show %d commands of go test", ran)
	}
}

// The links between the pages lead somewhere.
func TestPagesLink(t *testing.T) {
	notInAnchors := regexp.MustCompile("[^a-z0-9 _-]")
	for _, page := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(pageText(t, page), -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			if _, err := os.Stat(filepath.Join(root(), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor == "" {
				continue
			}
			if !slices.ContainsFunc(strings.Split(pageText(t, target), "\n"), func(line string) bool {
				title, ok := strings.CutPrefix(line, "## ")
				return ok && strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(title), ""), " ", "-") == anchor
			}) {
				t.Errorf("%s links to %s, and no heading has that name", page, m[1])
			}
		}
	}
}
