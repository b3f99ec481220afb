// Judges an OpenAPI document by Spectral's rules for it and prints what they find.
import { readFileSync } from "node:fs";
import spectral from "@stoplight/spectral-core";
import parsers from "@stoplight/spectral-parsers";
import rulesets from "@stoplight/spectral-rulesets";

const { Document, Ruleset, Spectral } = spectral;
const judge = new Spectral();
judge.setRuleset(new Ruleset({ extends: [[rulesets.oas, "all"]] }));
const found = await judge.run(new Document(readFileSync(process.argv[2], "utf8"), parsers.Json));
console.log(JSON.stringify(found.map((one) => `${one.code}: ${one.path.join("/")}: ${one.message}`)));
