// @azure/storage-file-share, as it comes from npm, takes the served simulator for Azure.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { Readable } from "node:stream";
import {
  AccountSASPermissions,
  FileSASPermissions,
  ShareClient,
  ShareFileClient,
  ShareServiceClient,
  StorageSharedKeyCredential,
  generateFileSASQueryParameters,
} from "@azure/storage-file-share";
import { account, address, collect, credential, hostStyle, key, newShare, options, service } from "./clients.js";

const MIB = 1024 * 1024;

function content(size) {
  const blocks = [];
  for (let block = 0; block < size / 32; block++) blocks.push(createHash("sha256").update(String(block)).digest());
  return Buffer.concat(blocks);
}

function refusal(status, code) {
  return (error) => {
    assert.equal(error.statusCode, status);
    assert.equal(error.code ?? error.details?.errorCode, code);
    return true;
  };
}

function inAnHour() {
  return new Date(Date.now() + 3600_000);
}

test("shares are created, listed in pages, snapshotted and deleted", async () => {
  const share = service.getShareClient("js-first");
  await share.create({ metadata: { purpose: "test" }, quota: 7 });
  await assert.rejects(share.create(), refusal(409, "ShareAlreadyExists"));
  await newShare("js-second");
  const pages = await collect(service.listShares({ prefix: "js-", includeMetadata: true }).byPage({ maxPageSize: 1 }));
  assert.deepEqual(pages.map((page) => page.shareItems.map((item) => item.name)), [["js-first"], ["js-second"]]);
  assert.deepEqual(pages[0].shareItems[0].metadata, { purpose: "test" });
  assert.equal((await share.getProperties()).quota, 7);
  await share.setMetadata({ purpose: "changed" });
  await share.setQuota(8);
  const { snapshot } = await share.createSnapshot();
  assert.deepEqual((await share.withSnapshot(snapshot).getProperties()).metadata, { purpose: "changed" });
  await assert.rejects(share.delete(), refusal(409, "ShareHasSnapshots"));
  await share.delete({ deleteSnapshots: "include" });
  assert.equal(await share.exists(), false);
  await assert.rejects(share.getProperties(), (error) => error.statusCode === 404);
});

test("directories have children, settings and pages of names", async () => {
  const share = await newShare("js-directories");
  const top = share.getDirectoryClient("top");
  await top.create({ metadata: { a: "1" } });
  await assert.rejects(top.create(), refusal(409, "ResourceAlreadyExists"));
  await assert.rejects(share.getDirectoryClient("no/where").create(), refusal(404, "ParentNotFound"));
  await top.createSubdirectory("sub");
  for (const name of ["100% grün + 日本 #1.txt", "b.txt", "c.txt"]) await top.createFile(name, 10);
  const listing = top.listFilesAndDirectories({ includeTimestamps: true, includeEtag: true, includeExtendedInfo: true });
  const found = await collect(listing);
  assert.deepEqual(found.map((item) => `${item.kind} ${item.name}`).sort(), [
    "directory sub",
    "file 100% grün + 日本 #1.txt",
    "file b.txt",
    "file c.txt",
  ]);
  const pages = await collect(top.listFilesAndDirectories().byPage({ maxPageSize: 2 }));
  assert.equal(pages.length, 2);
  assert.equal(pages.flatMap((page) => page.segment.fileItems).length, 3);
  await top.setMetadata({ b: "2" });
  assert.deepEqual((await top.getProperties()).metadata, { b: "2" });
  await assert.rejects(top.delete(), refusal(409, "DirectoryNotEmpty"));
});

test("10 MiB go up in ranges and come down whole, in parts and as a stream", async () => {
  const share = await newShare("js-content");
  const file = share.rootDirectoryClient.getFileClient("large.bin");
  const sent = content(10 * MIB);
  await file.uploadData(sent, { rangeSize: 4 * MIB, concurrency: 4, contentChecksumAlgorithm: undefined });
  assert.equal((await file.getProperties()).contentLength, sent.length);
  assert.ok((await file.downloadToBuffer(undefined, 0, undefined, { concurrency: 4 })).equals(sent));
  const part = await file.download(1000, 5000);
  assert.ok(Buffer.concat(await collect(part.readableStreamBody)).equals(sent.subarray(1000, 6000)));
  const whole = await file.download();
  assert.ok(Buffer.concat(await collect(whole.readableStreamBody)).equals(sent));

  const streamed = share.rootDirectoryClient.getFileClient("streamed.bin");
  await streamed.uploadStream(Readable.from([sent.subarray(0, MIB), sent.subarray(MIB, 2 * MIB)]), 2 * MIB, MIB, 2);
  assert.ok((await streamed.downloadToBuffer()).equals(sent.subarray(0, 2 * MIB)));
});

test("ranges are written, cleared, listed and compared", async () => {
  const share = await newShare("js-ranges");
  const file = share.rootDirectoryClient.getFileClient("file.bin");
  await file.create(4096);
  await file.uploadRange(Buffer.alloc(1024, "a"), 0, 1024);
  const { snapshot } = await share.createSnapshot();
  await file.clearRange(0, 512);
  await file.uploadRange(Buffer.alloc(512, "b"), 2048, 512);
  assert.deepEqual((await file.getRangeList()).rangeList, [
    { start: 512, end: 1023 },
    { start: 2048, end: 2559 },
  ]);
  const changed = await file.getRangeListDiff(snapshot);
  assert.deepEqual(changed.ranges, [{ start: 2048, end: 2559 }]);
  assert.deepEqual(changed.clearRanges, [{ start: 0, end: 511 }]);
  await file.resize(100);
  await assert.rejects(file.uploadRange("0123456789", 95, 10), refusal(416, "InvalidRange"));
});

test("leases guard files and shares", async () => {
  const share = await newShare("js-leases");
  const file = share.rootDirectoryClient.getFileClient("file.bin");
  await file.create(10);
  const lease = file.getShareLeaseClient();
  await lease.acquireLease();
  await assert.rejects(file.delete(), refusal(412, "LeaseIdMissing"));
  await file.setMetadata({ a: "1" }, { leaseAccessConditions: { leaseId: lease.leaseId } });
  await lease.releaseLease();
  const shareLease = share.getShareLeaseClient();
  await shareLease.acquireLease(15);
  await shareLease.changeLease("326cc5e1-746e-4af8-4811-a50e6629a8ca"); // its renewLease refuses shares: a bug of its own
  await assert.rejects(share.delete(), refusal(412, "LeaseIdMissing"));
  await shareLease.breakLease({ breakPeriod: 0 });
  await share.delete();
});

test("files and directories are renamed", async () => {
  const share = await newShare("js-renames");
  const file = share.rootDirectoryClient.getFileClient("a.txt");
  await file.uploadData(Buffer.from("content"));
  const { destinationFileClient } = await file.rename("b c.txt");
  assert.equal(await file.exists(), false);
  assert.equal(String(await destinationFileClient.downloadToBuffer()), "content");
  // In path style that client has lost the account from its address and takes the file's name for the share's.
  const renamed = share.rootDirectoryClient.getFileClient("b c.txt");
  await file.create(1);
  await assert.rejects(renamed.rename("a.txt"), refusal(409, "ResourceAlreadyExists"));
  await renamed.rename("a.txt", { replaceIfExists: true });
  assert.equal(String(await file.downloadToBuffer()), "content");
  const top = share.getDirectoryClient("top");
  await top.create();
  const { destinationDirectoryClient } = await top.rename("renamed");
  assert.equal(await destinationDirectoryClient.exists(), true);
});

test("files are copied", async () => {
  const share = await newShare("js-copies");
  const source = share.rootDirectoryClient.getFileClient("source.txt");
  await source.uploadData(Buffer.from("0123456789"));
  const copy = share.rootDirectoryClient.getFileClient("copy.txt");
  const { copyId, copyStatus } = await copy.startCopyFromURL(source.url);
  assert.equal(copyStatus, "success");
  await assert.rejects(copy.abortCopyFromURL(copyId), refusal(409, "NoPendingCopyOperation"));
  const url = await source.generateSasUrl({ permissions: FileSASPermissions.parse("r"), expiresOn: inAnHour() });
  await copy.uploadRangeFromURL(url, 2, 5, 3);
  assert.equal(String(await copy.downloadToBuffer()), "0123423489");
});

test("signatures grant what they say", async () => {
  const share = await newShare("js-signatures");
  const file = share.rootDirectoryClient.getFileClient("file.txt");
  await file.uploadData(Buffer.from("content"));
  const sas = generateFileSASQueryParameters(
    { shareName: "js-signatures", filePath: "file.txt", permissions: FileSASPermissions.parse("r"), expiresOn: inAnHour() },
    credential,
  );
  const reader = new ShareFileClient(`${file.url}?${sas}`, undefined, options);
  assert.equal(String(await reader.downloadToBuffer()), "content");
  await assert.rejects(reader.setMetadata({ a: "1" }), refusal(403, "AuthorizationPermissionMismatch"));
  const accountUrl = service.generateAccountSasUrl(inAnHour(), AccountSASPermissions.parse("l"), "s");
  const lister = new ShareServiceClient(accountUrl, undefined, options);
  assert.ok((await collect(lister.listShares())).some((item) => item.name === "js-signatures"));
});

test("policies, permissions and service properties are kept", async () => {
  const share = await newShare("js-settings");
  const policy = { id: "reading", accessPolicy: { permissions: "r", startsOn: new Date(), expiresOn: inAnHour() } };
  await share.setAccessPolicy([policy]);
  assert.equal((await share.getAccessPolicy()).signedIdentifiers[0].accessPolicy.permissions, "r");
  const sddl = "O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:(A;;FA;;;SY)";
  const { filePermissionKey } = await share.createPermission(sddl);
  assert.match((await share.getPermission(filePermissionKey)).permission, /^O:S-1-5-21-1-2-3-1001/);
  const rule = { allowedOrigins: "*", allowedMethods: "GET", allowedHeaders: "", exposedHeaders: "", maxAgeInSeconds: 9 };
  await service.setProperties({ cors: [rule] });
  assert.equal((await service.getProperties()).cors[0].maxAgeInSeconds, 9);
  await service.setProperties({ cors: [] });
});

test("a wrong key is refused, and what is missing is not found", async () => {
  const wrong = new StorageSharedKeyCredential(account, Buffer.from("not the key").toString("base64"));
  const stranger = new ShareServiceClient(address, wrong, options);
  await assert.rejects(collect(stranger.listShares()), refusal(403, "AuthenticationFailed"));
  const file = service.getShareClient("js-missing").rootDirectoryClient.getFileClient("file.txt");
  await assert.rejects(file.create(1), refusal(404, "ShareNotFound"));
  assert.equal(await file.exists(), false);
});

test("a connection string is enough", { skip: hostStyle && "a connection string leads to Azure itself" }, async () => {
  const text = `AccountName=${account};AccountKey=${key};FileEndpoint=${address};DefaultEndpointsProtocol=http`;
  const share = new ShareClient(text, "js-connected");
  await share.create();
  assert.equal(await share.exists(), true);
});

after(() => setImmediate(() => process.exit()));
