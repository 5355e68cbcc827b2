import { Api } from "../made/swagger-typescript-api/core";
import { answer, asked, tell } from "./asked";

const { integrations } = new Api({
  baseUrl: asked.base_url,
  baseApiParams: { headers: asked.headers },
});
const listed = await integrations.answeredintegrationpersonalinformationaccessList({ _limit: 3 });
const negated = await integrations.answeredintegrationpersonalinformationaccessList({
  not__answer: true,
});
const made = await integrations.answeredintegrationpersonalinformationaccessCreate(answer);
tell(listed.data, negated.data, made.data.id);
