// Reads an AsyncAPI document with the AsyncAPI Initiative's own parser and prints what it finds.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics
  .filter((one) => one.severity === 0)
  .map((one) => `${one.path.join("/")}: ${one.message}`);
const messages = document ? document.allMessages().all().map((one) => one.name()) : [];
console.log(JSON.stringify({ version: document?.version(), messages, errors }));
