package ledger

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Children of the tests append to the ledger of a folder until they have
// enough, fail, or are killed. Each acknowledged head goes to standard output.
const (
	childDir   = "IDTOP_LEDGER_TEST_DIR"
	childCount = "IDTOP_LEDGER_TEST_COUNT"
	childLimit = "IDTOP_LEDGER_TEST_LIMIT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

func child(dir string) int {
	count, _ := strconv.Atoi(os.Getenv(childCount))
	if limit, err := strconv.Atoi(os.Getenv(childLimit)); err == nil {
		limitFileSize(uint64(limit))
	}
	l, err := Open(dir, Options{})
	if err != nil {
		fmt.Println("error", CauseOf(err), err)
		return 1
	}
	var wg sync.WaitGroup
	var failed atomic.Bool
	t := &testing.B{} // only for its Helper
	for range 3 {
		wg.Go(func() {
			for i := range count {
				e, err := l.Intend(redaction(t, i))
				if err != nil {
					fmt.Println("error", CauseOf(err), err)
					failed.Store(true)
					return
				}
				fmt.Println(e.Intent().Head())
				if err := e.Settle(accepted); err != nil {
					fmt.Println("error", CauseOf(err), err)
					failed.Store(true)
					return
				}
				fmt.Println(l.Head())
			}
		})
	}
	wg.Wait()
	if failed.Load() {
		return 1
	}
	return 0
}

func startChild(t *testing.T, dir string, count int, more ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childCount+"="+strconv.Itoa(count))
	cmd.Env = append(cmd.Env, more...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewScanner(out)
}

// recorded checks that all these heads are in the ledger.
func recorded(t *testing.T, dir string, heads []string) {
	t.Helper()
	known := map[string]bool{}
	for r, err := range Find(dir, Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		known[r.Head().String()] = true
	}
	for _, head := range heads {
		if !known[head] {
			t.Errorf("%s was acknowledged and is lost", head)
		}
	}
}

// Processes are killed at random moments, two of them at work each time.
func TestKilledProcesses(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(9, 10))
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	var acknowledged []string
	for range rounds {
		var wg sync.WaitGroup
		heads := make([][]string, 2)
		for i := range heads {
			cmd, lines := startChild(t, dir, 1<<30)
			until := random.IntN(60)
			wg.Go(func() {
				for n := 0; lines.Scan(); n++ {
					if strings.HasPrefix(lines.Text(), "error") {
						t.Error(lines.Text())
					}
					heads[i] = append(heads[i], lines.Text())
					if n == until {
						cmd.Process.Kill() // what is in the pipe is read to its end
					}
				}
				cmd.Wait()
			})
		}
		wg.Wait()
		for _, h := range heads {
			acknowledged = append(acknowledged, h...)
		}
		l := open(t, dir, Options{})
		pending, err := l.Pending(Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pending {
			if err := e.Settle(Outcome{Result: Unknown}); err != nil {
				t.Fatal(err)
			}
		}
		l.Close()
		recorded(t, dir, acknowledged)
	}
	report := verified(t, dir)
	t.Logf("%d kills, %d records, %d acknowledged to us, %d tears", 2*rounds, report.Records, len(acknowledged), len(report.Tears))
	if report.Pending+report.Unpaired != 0 {
		t.Errorf("%+v", report)
	}
}

func TestProcessesAppendTogether(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	const processes, each = 4, 15
	for range processes {
		cmd, lines := startChild(t, dir, each)
		wg.Go(func() {
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), "error") {
					t.Error(lines.Text())
				}
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if report := verified(t, dir); report.Records != processes*3*each*2 || report.Pending+report.Unpaired != 0 || len(report.Tears) > 0 {
		t.Errorf("%+v", report)
	}
}

// A limit that the system enforces in the middle of a write, as a full disk does.
func TestALimitOfTheSystem(t *testing.T) {
	if !canLimitFileSize {
		t.Skip("this system can't limit the size of a file")
	}
	dir := t.TempDir()
	open(t, dir, Options{}).Close()
	for i := range 5 {
		size := 0
		for _, name := range []string{bookFile, bookFile + "-wal"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
				size = max(size, int(info.Size()))
			}
		}
		limit := max(size, 64<<10) + 20_000 + 4321*i
		cmd, lines := startChild(t, dir, 1<<20, childLimit+"="+strconv.Itoa(limit))
		var heads []string
		failed := 0
		for lines.Scan() {
			if full, disk := fmt.Sprintf("error %d ", CauseFull), fmt.Sprintf("error %d ", CauseDisk); strings.HasPrefix(lines.Text(), full) || strings.HasPrefix(lines.Text(), disk) {
				failed++
			} else {
				heads = append(heads, lines.Text())
			}
		}
		cmd.Wait()
		if failed != 3 || len(heads) == 0 {
			t.Fatalf("%d failed, acknowledged %q", failed, heads)
		}
		l := open(t, dir, Options{})
		fill(t, l, 1, 1)
		l.Close()
		recorded(t, dir, heads)
		verified(t, dir)
	}
}
