#!/usr/bin/env bash
# orval never parses a JSON answer that may also come as lines of JSON.
#
# Package:   orval 8.38.0, compiled by typescript 5.9.3 (npm).
# Done:      A client (client: fetch) is made for a list whose 200 is application/json or
#            application/x-ndjson. A server on the loopback address answers with application/json.
#            The control is the same document without the second media type.
# Expected:  `data` holds the items, as the generated type says for status 200. In OpenAPI the keys
#            of a response's `content` are alternatives; the answer's Content-Type says which it is.
# Seen:      The answer has `status`, `stream` and `headers`, but no `data`, whatever comes. The
#            generated type says { data: Answer[], status: 200 }, so the compiler takes a program
#            that reads `data`, which is undefined. The control gives the items.
# Needs:     Node.js 20 or newer with npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"private": true}' >package.json
npm install --silent --no-save orval@8.38.0 typescript@5.9.3

cat >both.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "Answers", "version": "1"},
  "paths": {"/answers/": {"get": {
    "operationId": "list_answers",
    "responses": {"200": {"description": "The answers.", "content": {
      "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Answer"}}},
      "application/x-ndjson": {"schema": {"type": "string"}}
    }}}
  }}},
  "components": {"schemas": {"Answer": {"type": "object", "properties": {"answer": {"type": "boolean"}}}}}
}
JSON
node -e '
    const api = require("./both.json");
    delete api.paths["/answers/"].get.responses["200"].content["application/x-ndjson"];
    require("fs").writeFileSync("one.json", JSON.stringify(api));
'
cat >orval.config.cjs <<'JS'
const client = (name) => ({
  input: `./${name}.json`,
  output: { target: `./made/${name}.ts`, client: 'fetch' },
});
module.exports = { both: client('both'), one: client('one') };
JS
node_modules/.bin/orval --config orval.config.cjs >generate.log 2>&1

# The program that the types allow: the items of an answer that, they say, has `data`.
cat >use.ts <<'TS'
import { listAnswers } from './made/both';
type Json = Extract<Awaited<ReturnType<typeof listAnswers>>, { data: unknown }>;
export const items = (answer: Json): { answer?: boolean }[] => answer.data;
TS
node_modules/.bin/tsc --strict --skipLibCheck --target es2022 --module commonjs \
    --lib es2022,dom,dom.iterable --outDir js use.ts made/both.ts made/one.ts

cat >check.cjs <<'JS'
const assert = require('node:assert');
const { createServer } = require('node:http');

const server = createServer((_, answer) => {
  answer.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  answer.end('[{"answer":true}]');
});
server.listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const fetchAbsolute = globalThis.fetch;
  globalThis.fetch = (path, options) => fetchAbsolute(new URL(path, origin), options);
  const both = await require('./js/made/both.js').listAnswers();
  const one = await require('./js/made/one.js').listAnswers();
  console.log('two media types:', both.status, Object.keys(both), 'data:', both.data);
  console.log('one media type: ', one.status, Object.keys(one), 'data:', one.data);
  assert.deepStrictEqual(one.data, [{ answer: true }]);
  assert.strictEqual(both.status, 200);
  assert.strictEqual(both.data, undefined);
  assert.strictEqual(both.stream.bodyUsed, false);
  await both.stream.text();
  server.close();
});
JS
node check.cjs
