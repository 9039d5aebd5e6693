/** How long ago something was, as a person says it. */

import { say } from "./words";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Return the age of a moment, both in milliseconds since 1970; what lies ahead by a clock's error is now. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < 5) return say("just now");
  if (seconds < MINUTE) return say("{0} seconds ago", String(seconds));
  if (seconds < 2 * MINUTE) return say("a minute ago");
  if (seconds < HOUR) return say("{0} minutes ago", String(Math.floor(seconds / MINUTE)));
  if (seconds < 2 * HOUR) return say("an hour ago");
  if (seconds < DAY) return say("{0} hours ago", String(Math.floor(seconds / HOUR)));
  if (seconds < 2 * DAY) return say("a day ago");
  return say("{0} days ago", String(Math.floor(seconds / DAY)));
}

/** Return the age of an RFC 3339 time, nothing where there is none. */
export function agoOf(time: string | null | undefined, now: number): string {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? "" : ago(at, now);
}
