#!/usr/bin/env bash
# swagger-typescript-api leaves null out of the type of a nullable enumeration (OpenAPI 3.1).
#
# Package:   swagger-typescript-api 13.13.0, checked by typescript 5.9.3 (npm).
# Done:      Types are generated for a property with type ["string", "null"] and enum
#            ["portal", "paper", null]. A program writes null to it.
# Expected:  "portal" | "paper" | null. OpenAPI 3.1 takes both keywords from JSON Schema (validation
#            vocabulary 2020-12, 6.1.1 and 6.1.2): null is of the type and in the enumeration.
# Seen:      "portal" | "paper", exit 0 and no warning. So the compiler refuses to clear the field
#            (TS2322), and takes an answer's null for one of the two words. A nullable string
#            without an enumeration, beside it, does get its null.
# Needs:     Node.js 20 or newer with npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private": true}' >package.json
npm install --silent --no-save swagger-typescript-api@13.13.0 typescript@5.9.3

cat >api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "Answers", "version": "1"},
  "paths": {},
  "components": {"schemas": {"Answer": {
    "type": "object",
    "required": ["method", "note"],
    "properties": {
      "method": {"type": ["string", "null"], "enum": ["portal", "paper", null]},
      "note": {"type": ["string", "null"]}
    }
  }}}
}
JSON
node_modules/.bin/swagger-typescript-api generate --path api.json --output made --name api.ts \
    --no-client >generate.log 2>&1
grep -A 3 'export interface Answer' made/api.ts

compiles() {
    printf 'import type { Answer } from "./made/api";\nexport const answer: Answer = %s;\n' "$1" >check.ts
    node_modules/.bin/tsc --noEmit --strict check.ts
}
compiles '{ method: "paper", note: null }'
if compiles '{ method: null, note: null }' >errors.txt; then
    echo "null can be written now." >&2
    exit 1
fi
cat errors.txt
grep -q "TS2322: Type 'null' is not assignable" errors.txt
