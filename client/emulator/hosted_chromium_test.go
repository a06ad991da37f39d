package emulator

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser drives a headless Chromium over its DevTools protocol, which it speaks
// on two pipes: JSON messages that end with a zero byte.
type browser struct {
	t    *testing.T
	to   io.Writer
	from *bufio.Reader
	last int
	tab  string   // the session of the one page
	said []string // by the page's console and its security policy
}

// findChromium gives the program's name; without one the test is not run.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no chromium here: the hosted page is not tried in a browser")
	return ""
}

// openBrowser starts a Chromium with a profile of its own and one empty page.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	program := findChromium(t)
	profile, err := os.MkdirTemp("", "hosted-page")
	if err != nil {
		t.Fatal(err)
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, where it expects them
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	hung := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() }) // then reading ends
	t.Cleanup(func() {
		hung.Stop()
		_ = ourOut.Close() // ends it
		_ = ourIn.Close()
		_ = cmd.Wait()
		// Its own children may write for a moment after it has ended.
		for range 100 {
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	b := &browser{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	target := b.call("Target.createTarget", object{"url": "about:blank"})["targetId"]
	b.tab = b.call("Target.attachToTarget", object{"targetId": target, "flatten": true})["sessionId"].(string)
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil)
	}
	return b
}

// of is the browser for a part of the test.
func (b *browser) of(t *testing.T) *browser {
	b.t, b.said = t, nil
	return b
}

// call sends a command and waits for its answer.
//
// The answer is empty when the browser leaves the page meanwhile: the script has led to
// another page, and await asks there again.
func (b *browser) call(method string, params object) object {
	b.t.Helper()
	b.last++
	message := object{"id": b.last, "method": method, "params": params}
	if params == nil {
		message["params"] = object{}
	}
	if b.tab != "" {
		message["sessionId"] = b.tab
	}
	text, err := json.Marshal(message)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatal(method, err)
	}
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatal("the browser ended: ", method, " ", err)
		}
		var got object
		if err := json.Unmarshal(text[:len(text)-1], &got); err != nil {
			b.t.Fatal(err)
		}
		b.listen(got)
		if got["id"] != float64(b.last) {
			continue
		}
		if failed, ok := got["error"].(object); ok && (method != "Runtime.evaluate" || failed["message"] != leftPage) {
			b.t.Fatal(method, failed)
		}
		result, _ := got["result"].(object)
		return result
	}
}

// leftPage is the error of an expression whose page was left before its answer.
const leftPage = "Inspected target navigated or closed"

// listen keeps what the page says that it should not have to say.
func (b *browser) listen(got object) {
	switch got["method"] {
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
		text, _ := json.Marshal(got["params"])
		b.said = append(b.said, string(text))
	}
}

// eval runs an expression in the page.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	got := b.call("Runtime.evaluate", object{"expression": expression, "returnByValue": true, "awaitPromise": true})
	if failed, ok := got["exceptionDetails"]; ok {
		b.t.Fatal(expression, failed)
	}
	result, _ := got["result"].(object)
	return result["value"]
}

// await waits until an expression is true in the page, however often it loads.
func (b *browser) await(expression string) {
	b.t.Helper()
	for range 3000 {
		got := b.call("Runtime.evaluate", object{"expression": expression, "returnByValue": true})
		if result, _ := got["result"].(object); result["value"] == true {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.t.Fatal("it never becomes true that ", expression, "; the page says: ", b.eval("document.body.innerText"))
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.call("Page.navigate", object{"url": url})
	b.await(fmt.Sprintf("location.href === %q && document.readyState === 'complete'", url))
}

// press types a key that has a name.
func (b *browser) press(key string) {
	b.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39}
	params := object{"key": key, "code": strings.ReplaceAll(key, " ", "Space"), "windowsVirtualKeyCode": codes[key], "type": "rawKeyDown"}
	if text := map[string]string{"Enter": "\r", " ": " "}[key]; text != "" {
		params["text"], params["type"] = text, "keyDown"
	}
	b.call("Input.dispatchKeyEvent", params)
	b.call("Input.dispatchKeyEvent", object{"key": key, "code": params["code"], "windowsVirtualKeyCode": codes[key], "type": "keyUp"})
}

// tabTo presses tab until an expression is true of the focused element.
func (b *browser) tabTo(expression string) {
	b.t.Helper()
	for range 60 {
		b.press("Tab")
		if b.eval("(function (e) { return "+expression+"; })(document.activeElement)") == true {
			return
		}
	}
	b.t.Fatal("tab never comes to where ", expression)
}

// show sets the window's width and the person's preferred colours.
func (b *browser) show(width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", object{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false})
	b.call("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": scheme}}})
}

// shoot keeps a picture of the page, if somebody asked for pictures.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("HOSTED_PICTURES")
	if dir == "" {
		return
	}
	got := b.call("Page.captureScreenshot", object{"format": "png", "captureBeyondViewport": true})
	data, err := base64.StdEncoding.DecodeString(got["data"].(string))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
