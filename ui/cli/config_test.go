package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"idtop/ui/config"
)

func TestConfigThatOthersMayChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes on Windows")
	}
	name := keyFile(t, "key_command = [\"evil\"]\n", 0o666)
	got := run(t, []string{"HOME=" + t.TempDir()}, "--config", name)
	expectFailure(t, got, exitFailed, `config "`+name+`": others may write to it, and so put a command into it`, `chmod 600 "`+name+`"`)
}

func TestConfigThatIsNotThere(t *testing.T) {
	home := t.TempDir()
	missing := filepath.Join(home, "none.toml")
	expectFailure(t, run(t, []string{"HOME=" + home}, "--config", missing), exitFailed,
		`config "`+missing+`": there is no such file`, "name a config with --config, or none at all")
	got := run(t, []string{"XDG_CONFIG_HOME=" + home}, "--profile", "a")
	expectFailure(t, got, exitFailed, `--profile "a": there is no "`+filepath.Join(home, "idtop", "config.toml")+`"`, "name the config with --config")
	expectFailure(t, run(t, nil, "--profile", "a"), exitFailed, `--profile "a": there is no home folder`, "name the config with --config")
}

func TestKeyOfTheStripeCLI(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "stripe"), 0o700); err != nil {
		t.Fatal(err)
	}
	stripeConfig := "color = ''\n[default]\naccount_id = 'acct_1'\ntest_mode_api_key = '" + aKey + "'\nlive_mode_api_key = 'rk_live_****1234'\n"
	if err := os.WriteFile(filepath.Join(home, "stripe", "config.toml"), []byte(stripeConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, []string{"XDG_CONFIG_HOME=" + home})
	want := "idtop: using the test key of the Stripe CLI, rk_test_…mnop\nidtop: " + noTTYLine + "\nhint: " + noTTYHint + "\n"
	if got.code != exitUsage || got.stderr != want {
		t.Errorf("got %+v", got)
	}
	got = run(t, []string{"XDG_CONFIG_HOME=" + home, config.KeyVariable + "=" + aKey})
	expectFailure(t, got, exitUsage, noTTYLine, noTTYHint)
}
