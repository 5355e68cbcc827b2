// What the calls are given, and how they tell what became of them.
import { readFileSync } from "node:fs";

interface Asked {
  base_url: string;
  headers: Record<string, string>;
  integration: string;
  tenant: string;
}

const path = process.argv[2];
if (path === undefined) throw new Error("Name the file that says what to call.");
export const asked = JSON.parse(readFileSync(path, "utf-8")) as Asked;

export const answer = {
  answer: false,
  integration: { id: asked.integration },
  answered_by_tenant: { id: asked.tenant },
};

export function tell(listed: { id: string }[], negated: { answer: boolean }[], created: string): void {
  console.log(
    JSON.stringify({
      listed: listed.map((one) => one.id),
      negated: negated.map((one) => one.answer),
      created,
    }),
  );
}
