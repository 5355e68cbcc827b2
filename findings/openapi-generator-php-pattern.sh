#!/usr/bin/env bash
# openapi-generator's PHP client refuses every text of a property whose pattern says \u0000.
#
# Package:   openapi-generator-cli 7.26.0 (PyPI; it carries the jar of OpenAPI Generator 7.26.0).
# Done:      A client for PHP is generated from a document with one property, pattern ^[^\u0000]*$
#            ("no NUL"); then the property is set to "abc".
# Expected:  "abc" is taken. OpenAPI 3.1 takes `pattern` from JSON Schema, whose dialect of regular
#            expressions is ECMA-262: \u0000 is one character there. node, the referee here, says
#            that "abc" matches.
# Seen:      The pattern is written into preg_match() as it stands. PCRE2 doesn't know \u, so
#            preg_match() warns and answers false; the client doesn't tell that from "no match", and
#            throws InvalidArgumentException: "... must conform to the pattern ..." on every text
#            but null. Generating gives no warning, exit 0.
# Needs:     Python 3.11 or newer, Java 11 or newer, PHP 8, Node.js.
set -euo pipefail
for program in python3 java php node; do
    command -v "$program" >/dev/null || { echo "This needs $program." >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install -qq --disable-pip-version-check openapi-generator-cli==7.26.0

cat >api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "Answers", "version": "1"},
  "paths": {"/answers/": {"post": {
    "operationId": "create_answer",
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}},
    "responses": {"201": {"description": "Created."}}
  }}},
  "components": {"schemas": {"Answer": {
    "type": "object",
    "properties": {"custom_id": {"type": "string", "pattern": "^[^\\u0000]*$"}}
  }}}
}
JSON
tools/bin/openapi-generator-cli generate -g php -i api.json -o client >generate.log 2>&1
grep -n -m 1 -F 'preg_match("/^[^\\u0000]*$/"' client/lib/Model/Answer.php

node -e '
    const api = require("./api.json");
    const { pattern } = api.components.schemas.Answer.properties.custom_id;
    const matches = new RegExp(pattern, "u").test("abc");
    console.log(`ECMA-262: "abc" matches ${pattern}: ${matches}`);
    process.exit(matches ? 0 : 1);
'

cat >check.php <<'PHP'
<?php
spl_autoload_register(function ($class) {
    $path = str_replace(['OpenAPI\\Client\\', '\\'], ['client/lib/', '/'], $class) . '.php';
    if (is_file($path)) {
        require $path;
    }
});
set_error_handler(function ($level, $message) {
    if (!str_contains($message, 'preg_match')) {
        return false;
    }
    echo 'PHP: ', $message, "\n";
    return true;
});
try {
    (new OpenAPI\Client\Model\Answer())->setCustomId('abc');
} catch (InvalidArgumentException $refused) {
    echo 'PHP: ', $refused->getMessage(), "\n";
    exit(str_contains($refused->getMessage(), 'must conform to the pattern') ? 0 : 1);
}
echo "PHP: abc was taken.\n";
exit(1);
PHP
php check.php
