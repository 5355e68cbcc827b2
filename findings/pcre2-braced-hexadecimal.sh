#!/usr/bin/env bash
# The Python bindings of PCRE2 read \x{41} as forty-one letters x.
#
# Package:   pcre2 0.7.1 (PyPI).
# Done:      The pattern ^\x{41}$ is matched against "A".
# Expected:  A match. PCRE2's documentation (pcre2pattern, "Non-printing characters"): \x{hhh...} is
#            the character of that hexadecimal code, unless the option PCRE2_ALT_BSUX is set. The
#            package's documentation says that patterns are PCRE2's, and names no such option.
# Seen:      No match, and no error: the pattern matches "x" forty-one times instead. The package
#            sets PCRE2_ALT_BSUX on every pattern, and its flags offer no way to leave it out.
#            \x41, \o{101} and \N{U+41} are the letter A, as they should be. PHP's preg_match, which
#            is PCRE2 too, matches "A" by the same pattern. Where the bindings are used to find out
#            whether a PCRE2 engine (PHP, nginx, grep -P) takes a pattern, they answer for another
#            dialect: \u0041 is taken as well, which PCRE2 itself refuses.
# Needs:     Python 3.11 or newer. If php is there, it is asked as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install -qq --disable-pip-version-check pcre2==0.7.1

cat >check.py <<'PYTHON'
import pcre2

for pattern in (r"^\x41$", r"^\o{101}$", r"^\N{U+41}$", r"^\x{41}$"):
    print(f"pcre2 {pattern:12} A: {bool(pcre2.search(pattern, 'A'))}")
    assert bool(pcre2.search(pattern, "A")) == (pattern != r"^\x{41}$")
print("pcre2 ^\\x{41}$   forty-one x:", bool(pcre2.search(r"^\x{41}$", "x" * 41)))
assert pcre2.search(r"^\x{41}$", "x" * 41)
assert pcre2.search(r"^\u0041$", "A")
PYTHON
tools/bin/python check.py

if command -v php >/dev/null; then
    php -r '
        $braced = preg_match("/^\\x{41}$/", "A");
        $other = @preg_match("/^\\u0041$/", "A");
        printf("PHP (PCRE2 %s) A: %s\n", PCRE_VERSION, var_export($braced === 1, true));
        exit($braced === 1 && $other === false ? 0 : 1);
    '
fi
