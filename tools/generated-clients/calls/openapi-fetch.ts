import createClient from "openapi-fetch";
import type { paths } from "../made/openapi-fetch/types";
import { answer, asked, tell } from "./asked";

const LIST = "/integrations/answeredintegrationpersonalinformationaccess/list/";
const client = createClient<paths>({ baseUrl: asked.base_url, headers: asked.headers });
const listed = await client.GET(LIST, { params: { query: { _limit: 3 } } });
const negated = await client.GET(LIST, { params: { query: { not__answer: true } } });
const made = await client.POST("/integrations/answeredintegrationpersonalinformationaccess/", {
  body: answer,
});
if (!listed.data || !negated.data || !made.data) throw new Error("refused");
tell(listed.data, negated.data, made.data.id);
