// How the tests reach the simulator: path style over http, or Azure's own host names over https, led to this machine.

import https from "node:https";
import tls from "node:tls";
import { ShareServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-share";

export const { AZFILES_ACCOUNT: account, AZFILES_KEY: key, AZFILES_ENDPOINT: endpoint } = process.env;
export const hostStyle = endpoint.startsWith("https:");
export const address = hostStyle ? `https://${account}.file.core.windows.net` : endpoint;
export const credential = new StorageSharedKeyCredential(account, key);

if (hostStyle) {
  const { port } = new URL(endpoint);
  https.Agent.prototype.createConnection = (options) =>
    tls.connect({ ...options, host: "127.0.0.1", port: Number(port), servername: options.host });
}

export const options = { retryOptions: { maxTries: 1 } };

export const service = new ShareServiceClient(address, credential, options);

export async function newShare(name) {
  const share = service.getShareClient(name);
  await share.create();
  return share;
}

export async function collect(iterator) {
  const found = [];
  for await (const item of iterator) found.push(item);
  return found;
}
