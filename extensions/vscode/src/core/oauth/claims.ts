/** Which window uses a refresh token: it is good once, and one that comes a second time ends the sign-in (RFC 9700 §4.14.2). */

import { createHash } from "crypto";
import { mkdir, readdir, rm, stat, writeFile } from "fs/promises";
import { join } from "path";

/** `ours` to use; `held` by a window that uses it now; `used` before, so that a newer one is or will be in the secret store. */
export type Claim = "ours" | "held" | "used";

export interface Claims {
  take(token: string): Promise<Claim>;
  /** The Authority has seen the token. */
  used(token: string): Promise<void>;
  /** It has not: the token may be tried again. */
  release(token: string): Promise<void>;
}

/** Longer than a renewal takes at most: a claim so old is one of a window that ended meanwhile. */
const LONGEST_MS = 90_000;
const KEPT_MS = 24 * 3600_000;

/** Claims as files all windows of a computer see, named by the token's hash; empty while the token is in use. */
export class FileClaims implements Claims {
  constructor(private readonly folder: string) {}

  async take(token: string): Promise<Claim> {
    const path = this.path(token);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(path, "", { flag: "wx" });
      return "ours";
    } catch (error) {
      // where nothing can be written, a window is on its own
      const { syscall, code } = error as NodeJS.ErrnoException;
      if (syscall !== "open" || code !== "EEXIST") return "ours";
    }
    const claim = await stat(path).catch(() => undefined);
    if (claim === undefined) return "held"; // released just now
    if (claim.size > 0) return "used";
    if (Date.now() - claim.mtimeMs < LONGEST_MS) return "held";
    await rm(path, { force: true });
    return this.take(token);
  }

  async used(token: string): Promise<void> {
    await writeFile(this.path(token), "used").catch(() => undefined);
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const claim = await stat(path).catch(() => undefined);
      if (claim !== undefined && Date.now() - claim.mtimeMs > KEPT_MS) await rm(path, { force: true });
    }
  }

  async release(token: string): Promise<void> {
    await rm(this.path(token), { force: true }).catch(() => undefined);
  }

  private path(token: string): string {
    return join(this.folder, createHash("sha256").update(token).digest("hex"));
  }
}
