// What is known of an account, a share, a snapshot, a directory or a file.

import { countdown } from "./clock.js";
import { h, svg } from "./dom.js";
import { bytes, count, exactBytes, several, time, visible } from "./format.js";
import { shownValue } from "./message.js";

const BAR_WIDTH = 1000;
const BAR_HEIGHT = 28;
const THINNEST = 2; // so that one written page of a huge file is still seen
const KINDS = {
  account: "Account",
  share: "Share",
  snapshot: "Share snapshot",
  directory: "Directory",
  file: "File",
  link: "Symbolic link",
};

const SETTINGS = {
  root_squash: "Root squash",
  snapshot_directory: "Snapshot directory",
  smb_directory_lease: "Directory leases",
  bursting: "Paid bursting",
  iops: "IOPS",
  bandwidth_mibps: "Bandwidth, MiB/s",
  quota_lowerable_from: "Quota lowerable from",
  iops_lowerable_from: "IOPS lowerable from",
  bandwidth_lowerable_from: "Bandwidth lowerable from",
};

/** The whole panel for a place. */
export function placeShown(spot, told) {
  const names = [spot.account, spot.share, ...spot.path.split("/")].filter(Boolean).map(visible);
  const last = spot.snapshot && !spot.path ? time(spot.snapshot).slice(0, 19) : names.at(-1);
  const above = spot.snapshot && !spot.path ? names : names.slice(0, -1);
  return [
    h(
      "header",
      { class: "title" },
      h(
        "p",
        { class: "quiet crumbs" },
        h("bdi", { text: above.join(" / ") || "this simulator" }),
        spot.snapshot && spot.path ? ` at ${time(spot.snapshot).slice(0, 19)}` : null,
      ),
      h("h2", {}, h("bdi", { text: last })),
      h("p", { class: "quiet", text: subtitle(told) }),
    ),
    ...(told.kind === "account"
      ? account(told)
      : told.kind === "share" || told.kind === "snapshot"
        ? share(told)
        : node(told)),
  ];
}

/** A lease in words; the time left is on the simulator's clock and counts down. */
export function leaseWords(lease) {
  const words = { leased: "Leased", breaking: "Breaking", broken: "Broken", expired: "Expired" }[lease.state];
  const parts = [
    h("span", { class: `chip ${lease.state === "leased" ? "good" : "warn"}`, text: words }),
    " by ",
    h("span", { class: "mono", text: lease.holder.replace("lease ", "") }),
  ];
  if (lease.until) parts.push(", ", countdown(lease.until, lease.state === "leased" ? "expired" : "broken"));
  else if (lease.state === "leased") parts.push(", without end");
  return h("span", {}, ...parts);
}

function subtitle(told) {
  if (told.kind === "file") return `File, ${exactBytes(told.size)}`;
  if (told.kind === "account") return `Account, ${told.type}`;
  if (told.kind === "share" || told.kind === "snapshot") return `${KINDS[told.kind]}, ${told.protocol}`;
  return KINDS[told.kind];
}

function account(told) {
  return [
    section(
      "Account",
      rows([
        ["Kind", told.type],
        ["Shares", count(told.shares)],
        ["Keys", `${told.keys}, not shown`],
        ["Soft delete", told.soft_delete_days ? several(told.soft_delete_days, "day") : "off"],
        ["CORS rules", count(told.cors_rules)],
      ]),
    ),
    told.deleted.length
      ? section(
          "Deleted shares",
          table(
            ["Share", "Deleted", "Can be restored"],
            told.deleted.map((one) => [
              visible(one.name),
              time(one.deleted).slice(0, 19),
              countdown(one.gone, "no longer"),
            ]),
          ),
        )
      : null,
  ];
}

function share(told) {
  return [
    told.lease ? section("Lease", h("p", {}, leaseWords(told.lease))) : null,
    section(
      "Properties",
      rows([
        ["Quota", `${count(told.quota_gib)} GiB`],
        ["Written", told.written === undefined ? null : exactBytes(told.written)],
        ["Protocol", told.protocol],
        ["Access tier", told.tier],
        ["Created", told.created && time(told.created)],
        ["Taken", told.taken && time(told.taken)],
        ["ETag", mono(told.etag)],
        ...told.settings.map(([name, value]) => [SETTINGS[name] ?? name.replaceAll("_", " "), instantOr(value)]),
      ]),
    ),
    metadata(told.metadata),
    told.snapshots?.length
      ? section(
          several(told.snapshots.length, "snapshot"),
          h("ul", { class: "plain mono" }, ...told.snapshots.map((one) => h("li", { text: time(one).slice(0, 19) }))),
        )
      : null,
    told.policies?.length
      ? section(
          "Stored access policies",
          table(
            ["Id", "Permissions", "From", "Until"],
            told.policies.map((one) => [
              visible(one.policy_id),
              one.permission ?? "",
              one.start ? time(one.start).slice(0, 19) : "",
              one.expiry ? time(one.expiry).slice(0, 19) : "",
            ]),
          ),
        )
      : null,
    handles(told.handles),
  ];
}

function node(told) {
  return [
    told.ranges ? section("Written ranges", ranges(told)) : null,
    told.lease ? section("Lease", h("p", {}, leaseWords(told.lease))) : null,
    told.copy
      ? section(
          "Last copy",
          rows([
            ["Status", told.copy.status],
            ["From", breakable(told.copy.source)],
            ["Bytes", told.copy.progress],
            ["Completed", told.copy.completed && time(told.copy.completed)],
            ["Why", told.copy.description],
          ]),
        )
      : null,
    section(
      "Properties",
      rows([
        ["Leads to", told.leads_to && breakable(told.leads_to)],
        ["Names", told.names > 1 ? count(told.names) : null],
        ["Attributes", told.attributes],
        ["Created", time(told.created)],
        ["Last written", time(told.last_written)],
        ["Changed", time(told.changed)],
        ["ETag", mono(told.etag)],
        ["File id", mono(told.file_id)],
        ["Parent id", mono(told.parent_id)],
        ...(told.headers ?? []).map(([name, value]) => [headerName(name), breakable(value)]),
      ]),
    ),
    metadata(told.metadata),
    section(
      "Permissions",
      rows([
        ["Mode", told.mode && mono(told.mode)],
        ["Owner", told.owner && mono(told.owner)],
        ["Group", told.group && mono(told.group)],
        ["Key", told.permission_key && breakable(told.permission_key)],
        ["Descriptor", told.permission && breakable(told.permission)],
      ]),
    ),
    handles(told.handles),
  ];
}

/** Which parts of a file are written, as a bar, and the ranges one by one as far as they are told. */
export function ranges({ size, ranges: { count: number, shown, parts, bytes: written } }) {
  if (!size) return h("p", { class: "quiet", text: "The file is empty." });
  const words = number
    ? `${several(number, "range")}, ${bytes(written)} of ${bytes(size)}`
    : `nothing written of ${bytes(size)}`;
  const scale = BAR_WIDTH / size;
  const drawn = parts
    ? parts.map((filled, index) =>
        filled
          ? svg("rect", {
              x: (index * BAR_WIDTH) / parts.length,
              width: BAR_WIDTH / parts.length + 0.3,
              height: BAR_HEIGHT,
              "fill-opacity": (0.25 + 0.75 * filled).toFixed(2),
            })
          : null,
      )
    : shown.map(([first, last]) => {
        const width = Math.max(THINNEST, (last - first + 1) * scale);
        const x = Math.min(first * scale, BAR_WIDTH - width);
        return svg(
          "rect",
          { x: x.toFixed(2), width: width.toFixed(2), height: BAR_HEIGHT },
          svg("title", { text: `${count(first)} – ${count(last)}` }),
        );
      });
  const some = shown.slice(0, 100);
  return h(
    "div",
    {},
    svg(
      "svg",
      {
        class: "ranges",
        viewBox: `0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": words,
      },
      ...drawn,
    ),
    h(
      "div",
      { class: "scale quiet" },
      h("span", { text: "0" }),
      h("span", { text: words }),
      h("span", { text: bytes(size) }),
    ),
    some.length > 1 || (some.length && (some[0][0] > 0 || some[0][1] < size - 1))
      ? h(
          "details",
          { open: number <= 8 },
          h("summary", {
            text: number > some.length ? `The first ${some.length} ranges` : `${several(number, "range")}`,
          }),
          table(
            ["First byte", "Last byte", "Size"],
            some.map(([first, last]) => [count(first), count(last), bytes(last - first + 1)]),
            "numbers",
          ),
        )
      : null,
  );
}

function instantOr(text) {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? time(text) : text;
}

function metadata(pairs) {
  return pairs.length
    ? section("Metadata", rows(pairs.map(([name, value]) => [visible(name), breakable(value)])))
    : null;
}

function handles(open) {
  if (!open?.length) return null;
  return section(
    "Open SMB handles",
    table(
      ["Client", "Path", "Opened", "Access"],
      open.map((one) => [
        visible(one.client),
        breakable(one.path || "/"),
        time(one.opened).slice(0, 19),
        one.access.join(", ") + (one.delete_pending ? ", goes when closed" : ""),
      ]),
    ),
  );
}

export function section(title, ...children) {
  return h("section", { class: "block" }, h("h3", { text: title }), ...children);
}

/** Names and values; a value that is not there leaves its row out. */
export function rows(pairs) {
  return h(
    "dl",
    { class: "rows" },
    ...pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .flatMap(([name, value]) => [h("dt", { text: name }), h("dd", {}, value)]),
  );
}

export function table(heads, lines, kind = "") {
  return h(
    "table",
    { class: kind },
    h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col", text })))),
    h("tbody", {}, ...lines.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell))))),
  );
}

/** `content_type` as it stands on the wire: `Content-Type`. */
function headerName(name) {
  return name
    .split("_")
    .map((word) => (word === "md5" ? "MD5" : word[0].toUpperCase() + word.slice(1)))
    .join("-");
}

function mono(text) {
  return h("span", { class: "mono", text });
}

function breakable(text) {
  return h("bdi", { class: "mono breakable" }, shownValue(text));
}
