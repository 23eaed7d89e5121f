// A real identity provider on this machine, whose answers can be spoilt.
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { exportJWK, generateKeyPair } from "jose";

/** The secret that the platform and the provider share. */
export const SECRET = "a secret of the tests that is long enough for HS256";

/**
 * Starts the provider at `issuer`, for the client `wenzheng` that is sent back to `redirect`, with tokens signed by
 * `algorithm`. `spoil` of what comes back changes ID tokens; `silent` lets the token endpoint say nothing.
 */
export async function start(issuer, redirect, algorithm) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: algorithm, use: "sig", kid: `${algorithm}-${Date.now()}` };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "wenzheng",
        client_secret: SECRET,
        redirect_uris: [redirect],
        id_token_signed_response_alg: algorithm,
        require_auth_time: true,
      },
    ],
    jwks: { keys: [key] },
    pkce: { required: () => true },
    // The name must raise nobody's rights.
    claims: { openid: ["sub", "name", "role"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "admin", role: "admin", email: "admin@wenzheng.example" }),
    }),
    cookies: { keys: ["of the tests"] },
  });
  const state = { spoil: null, silent: false, kid: key.kid, publicKey, tokens: 0 };
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (request.url.startsWith("/token")) {
      state.tokens += 1;
      if (state.silent) return;
      if (state.spoil) intercept(response, state);
    }
    answer(request, response);
  });
  const { hostname, port } = new URL(issuer);
  await new Promise((ready, failed) => server.once("error", failed).listen(Number(port), hostname, ready));
  state.stop = () =>
    new Promise((ended) => {
      server.close(ended);
      server.closeAllConnections();
    });
  return state;
}

/** Lets `state.spoil` have the ID token before the platform has it. */
function intercept(response, state) {
  const end = response.end.bind(response);
  response.end = (body) => {
    state.spoil(JSON.parse(body)).then((spoilt) => {
      const text = JSON.stringify(spoilt);
      response.setHeader("content-length", Buffer.byteLength(text));
      end(text);
    });
    return response;
  };
}
