// The Reseller Portal as the tests see it: the certified OpenID Connect provider `oidc-provider` on
// loopback, in memory. Nobody sees a form: /next is told who signs in next, and how; /sign-out is
// told whose sign-out our portal shall hear of, and answers what it said.
//
// node reseller_portal.mjs '{"port", "client_id", "client_secret", "redirect_uri", "logout_uri"}'

import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Provider } from "oidc-provider";

const { port, client_id, client_secret, redirect_uri, logout_uri } = JSON.parse(process.argv[2]);
const addresses = {};
let next = {};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect_uri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
      backchannel_logout_uri: logout_uri,
    },
  ],
  acrValues: ["urn:reseller-portal:password", "urn:reseller-portal:mfa"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], acr: null, amr: null },
  conformIdTokenClaims: false, // with the mail address in the ID token, as many portals have it
  cookies: { keys: ["of a test"] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, email: addresses[subject], email_verified: true }),
  }),
  async loadExistingGrant({ oidc }) {
    const grant = new provider.Grant({ clientId: client_id, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, following) => {
  if (ctx.path === "/next") {
    next = await json(ctx.req);
    addresses[next.subject] = next.email;
    ctx.status = 204;
  } else if (ctx.path === "/sign-out") {
    const client = await provider.Client.find(client_id);
    await client.backchannelLogout((await json(ctx.req)).subject);
    ctx.status = 204;
  } else if (ctx.path.startsWith("/interaction/")) {
    const login = { accountId: next.subject, acr: next.acr, amr: next.amr };
    const result = next.denies ? { error: "access_denied" } : { login };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  } else {
    await following();
  }
});

createServer(provider.callback()).listen(port, "127.0.0.1");
