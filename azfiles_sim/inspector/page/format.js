// How numbers, instants and names are written.

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
// What a reader cannot see, or what turns the direction of what follows: shown by its number.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A name as it can be read without being misled by it. */
export function visible(text) {
  return text.replace(UNSEEN, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`);
}

/** The same for a text of several lines, which may have tabs in them. */
export function visibleLines(text) {
  return text.replaceAll("\r\n", "\n").replace(/[^\t\n]+/g, (part) => visible(part));
}

export function count(number) {
  return number.toLocaleString("en-US");
}

/** `1 range`, `2 ranges`. */
export function several(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/** A size in the largest unit that leaves a whole part. */
export function bytes(size) {
  let unit = 0;
  let left = size;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  if (unit === 0) return size === 1 ? "1 byte" : `${count(size)} bytes`;
  return `${left.toFixed(left < 10 && left % 1 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A size with its exact count beside it where the two differ. */
export function exactBytes(size) {
  return size < 1024 ? bytes(size) : `${bytes(size)} (${count(size)} bytes)`;
}

/** Milliseconds since 1970 of an instant as the simulator writes it, with seven digits after the second. */
export function instant(text) {
  return Date.parse(text.replace(/(\.\d{3})\d+Z$/, "$1Z"));
}

/** `2026-01-31 12:00:00.123`, in UTC. */
export function time(text) {
  return text
    .replace("T", " ")
    .replace(/(\.\d{3})\d*Z$/, "$1")
    .replace(/Z$/, "");
}

/** `12:00:00.123`. */
export function hour(text) {
  return time(text).slice(11);
}

/** `2026-01-31 12:00:00` of milliseconds since 1970. */
export function seconds(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

/** A time to wait: `12.3 s`, `4 min 05 s`, `3 h 00 min`, `2 d 04 h`. */
export function wait(inSeconds) {
  if (inSeconds < 60) return `${inSeconds.toFixed(1)} s`;
  const whole = Math.floor(inSeconds);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86400)} d ${two(Math.floor((whole % 86400) / 3600))} h`;
}

/** Bytes in rows of sixteen: offset, hexadecimal, letters. */
export function hexRows(hex) {
  const rows = [];
  for (let start = 0; start < hex.length; start += 32) {
    const pairs = hex.slice(start, start + 32).match(/../g) ?? [];
    const letters = pairs
      .map((pair) => parseInt(pair, 16))
      .map((code) => (code > 31 && code < 127 ? String.fromCharCode(code) : "."));
    rows.push(`${(start / 2).toString(16).padStart(4, "0")}  ${pairs.join(" ").padEnd(47)}  ${letters.join("")}`);
  }
  return rows.join("\n");
}
