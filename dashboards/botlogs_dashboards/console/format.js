// Times, durations, sizes and texts as people read them. Nanoseconds are BigInt or decimal strings.

const NS_PER_MS = 1_000_000n;

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const shortDayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Milliseconds since the epoch, for `Date` and for differences that people read. */
export function milliseconds(nanoseconds) {
  return Number(BigInt(nanoseconds) / NS_PER_MS);
}

/** `14:02:11`, in the reader's time zone. */
export function clockTime(nanoseconds) {
  return clockFormat.format(milliseconds(nanoseconds));
}

/** `14:02:11.042`. */
export function preciseTime(nanoseconds) {
  const fraction = String((BigInt(nanoseconds) / NS_PER_MS) % 1000n).replace("-", "").padStart(3, "0");
  return `${clockTime(nanoseconds)}.${fraction}`;
}

/** `Mon, 23 Nov 2026`. */
export function day(nanoseconds) {
  return dayFormat.format(milliseconds(nanoseconds));
}

/** `23 Nov 14:02:11`. */
export function dayAndTime(nanoseconds) {
  return `${shortDayFormat.format(milliseconds(nanoseconds))} ${clockTime(nanoseconds)}`;
}

/** The instant with all nine digits, in UTC, and as the number that the API takes. */
export function exactTime(nanoseconds) {
  const value = BigInt(nanoseconds);
  const date = new Date(Number(value / 1_000_000_000n) * 1000);
  const seconds = Number.isNaN(date.getTime()) ? "?" : date.toISOString().slice(0, 19);
  return `${seconds}.${String(value % 1_000_000_000n).padStart(9, "0")}Z · ${value} ns`;
}

/** `420 µs`, `12 ms`, `1.24 s`, `4 min 10 s`, `4 h 12 min`, `3 d 2 h`. */
export function duration(nanoseconds) {
  const ns = Number(nanoseconds);
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${Math.round(ns / 1e3)} µs`;
  if (ns < 1e9) return `${ns < 1e7 ? (ns / 1e6).toFixed(1) : Math.round(ns / 1e6)} ms`;
  const seconds = ns / 1e9;
  if (seconds < 59.95) return `${seconds < 9.995 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  return coarse(Math.round(seconds));
}

function coarse(seconds) {
  const units = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]];
  const at = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[at];
  const rest = units[at + 1] ? Math.floor((seconds % size) / units[at + 1][1]) : 0;
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${units[at + 1][0]}` : ""}`;
}

/** `14:59` or `1:02:03`: what is left of a wait. */
export function countdown(remainingMs) {
  const seconds = Math.max(0, Math.ceil(remainingMs / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}

/** `1,234`. */
export function count(number) {
  return Number(number ?? 0).toLocaleString("en-GB");
}

/** `3 errors`, `1 error`. */
export function counted(number, singular, plural = `${singular}s`) {
  return `${count(number)} ${Number(number) === 1 ? singular : plural}`;
}

/** `1.2 MB`. */
export function bytes(number) {
  const value = Number(number ?? 0);
  if (value < 1000) return `${value} B`;
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

const SEVERITIES = ["trace", "debug", "info", "warn", "error", "fatal"];

/** One of trace, debug, info, warn, error, fatal, whatever name or number the sender used. */
export function severityName(severity) {
  const text = String(severity ?? "").toLowerCase();
  if (/^\d+$/.test(text)) return SEVERITIES[Math.floor((Math.min(24, Math.max(1, Number(text))) - 1) / 4)];
  if (text.startsWith("crit") || text.startsWith("fatal") || text.startsWith("emerg")) return "fatal";
  return SEVERITIES.find((name) => text.startsWith(name)) ?? "info";
}

export const isProblem = (severity) => ["warn", "error", "fatal"].includes(severityName(severity));

const BIDI = {
  "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF",
  "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\ufeff": "BOM",
};
// eslint-disable-next-line no-control-regex -- finding them is the point
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text in which characters that act instead of showing (control, direction) are made visible. */
export function visible(text) {
  return String(text ?? "").replace(UNSEEN, (character) => {
    const code = character.charCodeAt(0);
    if (BIDI[character]) return `⟨${BIDI[character]}⟩`;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "␡" : `⟨${code.toString(16).toUpperCase()}⟩`;
  });
}
