"use strict";
// Signs in as its arguments say, and prints the token or what was refused.
const { ClientSecretCredential, DefaultAzureCredential, EnvironmentCredential, ManagedIdentityCredential } =
  require("@azure/identity");

const BASE = process.env.BASE_URL;
const ways = {
  secret: (tenant, client, secret, ...switches) => new ClientSecretCredential(tenant, client, secret, {
    authorityHost: BASE,
    disableInstanceDiscovery: switches.includes("no-discovery"),
  }),
  environment: () => new EnvironmentCredential(),
  default: () => new DefaultAzureCredential(),
  managed: (...client) => new ManagedIdentityCredential(...client.map((clientId) => ({ clientId }))),
};

const [way, resource, ...given] = process.argv.slice(2);
ways[way](...given).getToken(`${resource}/.default`).then(
  (found) => console.log(JSON.stringify({ token: found.token, error: null })),
  (error) => console.log(JSON.stringify({ token: null, error: String(error.message) })),
);
