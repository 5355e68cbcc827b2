import { AnsweredintegrationpersonalinformationaccessApi, Configuration } from "../made/typescript-fetch/index";
import { asked, tell } from "./asked";

const api = new AnsweredintegrationpersonalinformationaccessApi(
  new Configuration({
    basePath: asked.base_url,
    apiKey: (name: string) => asked.headers[name] ?? "",
  }),
);
const listed = await api.answeredintegrationpersonalinformationaccessList({ limit: 3 });
const negated = await api.answeredintegrationpersonalinformationaccessList({ notAnswer: true });
const made = await api.answeredintegrationpersonalinformationaccessCreate({
  answeredintegrationpersonalinformationaccessCreate: {
    answer: false,
    integration: { id: asked.integration },
    answeredByTenant: { id: asked.tenant },
  },
});
tell(listed, negated, made.id);
