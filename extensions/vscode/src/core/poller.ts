/** Asks again and again, only while somebody looks; after failures ever more rarely, and never in step with others. */

export interface PollerOptions {
  /** Do it once; whether it worked, and after how many seconds the server wants to be asked again. */
  readonly run: () => Promise<{ readonly ok: boolean; readonly retryAfterSeconds?: number | undefined }>;
  readonly intervalSeconds: () => number;
  readonly now?: () => number;
  readonly random?: () => number;
}

const LONGEST_S = 15 * 60;
const JITTER = 0.2;

export class Poller {
  private visible = false;
  private failures = 0;
  private dueAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private disposed = false;

  constructor(private readonly options: PollerOptions) {}

  /** Say whether somebody looks: what became due meanwhile is done at once. */
  look(visible: boolean): void {
    this.visible = visible;
    this.schedule();
  }

  /** Do it now, whether due or not; a run under way is joined. */
  now(): Promise<void> {
    this.running ??= this.once().finally(() => {
      this.running = undefined;
      this.schedule();
    });
    return this.running;
  }

  /** The interval changed, or what is asked for: begin anew. */
  reset(): void {
    this.failures = 0;
    this.dueAt = 0;
    this.schedule();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private async once(): Promise<void> {
    const { ok, retryAfterSeconds } = await this.options.run();
    this.failures = ok ? 0 : this.failures + 1;
    const seconds = waitSeconds(this.options.intervalSeconds(), this.failures, retryAfterSeconds, this.random());
    this.dueAt = this.clock() + seconds * 1000;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.disposed || !this.visible || this.running !== undefined) return;
    this.timer = setTimeout(() => void this.now(), Math.max(0, this.dueAt - this.clock()));
  }

  private clock(): number {
    return (this.options.now ?? Date.now)();
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }
}

/** Return how long to wait: doubled for each failure, a fifth more or less, and never less than the server asks. */
export function waitSeconds(interval: number, failures: number, retryAfter = 0, random = 0.5): number {
  const doubled = Math.min(interval * 2 ** failures, Math.max(LONGEST_S, interval));
  const jittered = failures === 0 ? doubled : doubled * (1 + JITTER * (2 * random - 1));
  return Math.max(jittered, retryAfter);
}
