import {
  answeredintegrationpersonalinformationaccessCreate as create,
  answeredintegrationpersonalinformationaccessList as list,
} from "../made/hey-api/sdk.gen";
import { client } from "../made/hey-api/client.gen";
import { answer, asked, tell } from "./asked";

client.setConfig({
  baseUrl: asked.base_url as never,
  auth: (auth) => asked.headers[auth.name ?? ""],
  throwOnError: true,
});
const listed = await list({ query: { _limit: 3 }, throwOnError: true });
const negated = await list({ query: { not__answer: true }, throwOnError: true });
const made = await create({ body: answer, throwOnError: true });
tell(listed.data, negated.data, made.data.id);
