// Verifies a licence file offline; needs Node.js 18 and nothing else.
//
//   node verify.mjs FILE KEYS REVOCATIONS [--at SECONDS] [--fingerprint TEXT]
//
// KEYS is what /.well-known/licence-keys.json answers and REVOCATIONS what
// /.well-known/licence-revocations answers. Prints the contents of the file; where it is not good,
// says why and ends with 1.

import { createPublicKey, verify as isSignedBy } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const FILE_TYPE = "portal-licence+jwt";
const LIST_TYPE = "portal-licence-revocations+jwt";
const ISSUER = "portal-licensing";

/** The file is not good; the message is one word that says why. */
export class Refused extends Error {}

/**
 * The contents of a good licence file. Keep the `number` of the newest list you have seen and give
 * it as `leastNumber`, so that nobody shows you an older one.
 */
export function verify(file, keys, revocations, now, { fingerprint, leastNumber = 0 } = {}) {
  const contents = signed(file, keys, FILE_TYPE);
  if (now < contents.nbf) throw new Refused("not_yet_valid");
  if (now >= contents.exp) throw new Refused("expired");
  const revoked = signed(revocations, keys, LIST_TYPE);
  if (now >= revoked.exp || revoked.number < leastNumber) throw new Refused("list_outdated");
  const { seat } = contents;
  if (revoked.licences.includes(contents.sub) || revoked.devices.includes(seat?.device_id)) {
    throw new Refused("revoked");
  }
  const isFormer = ({ licence, tenant }) => licence === contents.sub && tenant === contents.tenant;
  if (revoked.transferred.some(isFormer)) throw new Refused("revoked");
  if (fingerprint !== undefined && seat?.fingerprint !== fingerprint) throw new Refused("other_device");
  return contents;
}

/** The claims of a compact JWS of this type that one of these keys signed (RFC 7515, 8037). */
function signed(jws, keys, typ) {
  const parts = jws.trim().split(".");
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part))) {
    throw new Refused("malformed");
  }
  const [header, payload, signature] = parts;
  const told = parsed(header);
  const claims = parsed(payload);
  if (["alg", "typ", "kid"].some((name) => !(name in told))) throw new Refused("malformed");
  if (told.alg !== "EdDSA" || "crit" in told) throw new Refused("wrong_algorithm");
  if (told.typ !== typ) throw new Refused("wrong_type");
  const jwk = keys.keys.find((one) => one.kid === told.kid && one.crv === "Ed25519");
  if (jwk === undefined) throw new Refused("unknown_key");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const raw = Buffer.from(signature, "base64url");
  if (!isSignedBy(null, Buffer.from(`${header}.${payload}`), key, raw)) {
    throw new Refused("bad_signature");
  }
  if (claims.iss !== ISSUER) throw new Refused("wrong_issuer");
  return claims;
}

function parsed(part) {
  try {
    const value = JSON.parse(Buffer.from(part, "base64url").toString());
    if (value !== null && typeof value === "object") return value;
  } catch {
    // told below
  }
  throw new Refused("malformed");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { at: { type: "string" }, fingerprint: { type: "string" } },
  });
  const [file, keys, revocations] = positionals.map((path) => readFileSync(path, "utf8"));
  const now = values.at === undefined ? Math.floor(Date.now() / 1000) : Number(values.at);
  try {
    const { fingerprint } = values;
    console.log(JSON.stringify(verify(file, JSON.parse(keys), revocations, now, { fingerprint })));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
