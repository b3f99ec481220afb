// Verifies a webhook with the npm package of Standard Webhooks and prints what it says.
//
// node webhooks.mjs secret '{"webhook-id": …, "webhook-timestamp": …, "webhook-signature": …}' body
import { Webhook } from "standardwebhooks";

const [, , secret, headers, body] = process.argv;
console.log(JSON.stringify(new Webhook(secret).verify(body, JSON.parse(headers))));
