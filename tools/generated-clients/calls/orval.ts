import {
  answeredintegrationpersonalinformationaccessCreate as create,
  answeredintegrationpersonalinformationaccessList as list,
} from "../made/orval/core";
import { answer, asked, tell } from "./asked";

// It knows no server but the one that a page comes from.
const fetched = globalThis.fetch;
globalThis.fetch = (path, init) => fetched(new URL(String(path), asked.base_url), init);

const { headers } = asked;
const listed = await list({ _limit: 3 }, { headers });
const negated = await list({ not__answer: true }, { headers });
const made = await create(answer, undefined, { headers });
if (listed.status !== 200 || negated.status !== 200 || made.status !== 201) throw new Error("refused");
tell(listed.data, negated.data, made.data.id);
