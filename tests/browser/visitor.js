// What a page of the portal would do for its visitor. Everything is given and answered in JSON, in
// the forms that the browser itself reads and writes.
({
  async call(method, url, body, token) {
    const headers = {};
    if (body !== null) headers["Content-Type"] = "application/json";
    if (token !== null) headers["Authorization"] = `Bearer ${token}`;
    const sent = body === null ? undefined : JSON.stringify(body);
    try {
      const answer = await fetch(url, { method, headers, body: sent });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
    } catch (error) {
      return { refused: error.name };
    }
  },

  async create(options) {
    try {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return { credential: (await navigator.credentials.create({ publicKey })).toJSON() };
    } catch (error) {
      return { refused: error.name };
    }
  },

  async get(options) {
    try {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return { credential: (await navigator.credentials.get({ publicKey })).toJSON() };
    } catch (error) {
      return { refused: error.name };
    }
  },
})
