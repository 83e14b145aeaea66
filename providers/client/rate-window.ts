/** What the headers of one answer say: allowed in a window, counted so far, seconds until the window ends (rounded somehow). */
export interface RateLesson {
  readonly allowed: number;
  readonly count: number;
  readonly reset: number;
}

/** Whatever a server's rounding and our timers do to the end of a window. */
const SLACK = 20;
const MINUTE = 60_000;
/** Seconds; a header beyond this speaks of something else. */
const LONGEST_RESET = 3_600;

/**
 * What we know of the server's current rate window, without ever counting too little: requests under way count as used, and
 * the window counts as running until it is over under every reading of the headers. Times are monotonic milliseconds.
 */
export class RateWindow {
  private allowed = Number.POSITIVE_INFINITY;
  /** The highest count that an answer of this window told, or that we know by ourselves. */
  private used = 0;
  /** Ended in this window, whatever the answers told; a few of them may have counted for the window before. */
  private answered = 0;
  private underWay = 0;
  /** When requests ended without telling a count; each may have been counted by the server. */
  private untold: number[] = [];
  /** The window is surely over after this. */
  private latest = Number.POSITIVE_INFINITY;
  private longest = MINUTE;
  /** The window before was surely over at this time; a request sent earlier may have counted for either. */
  private startedAt = Number.NEGATIVE_INFINITY;

  /** Milliseconds until a request may be sent; 0 for now; infinite where only an answer that is under way can tell. */
  waitAt(now: number): number {
    if (now >= this.latest + SLACK) this.startNext(now);
    if (this.used + this.untold.length + this.underWay < this.allowed) return 0;
    return this.latest + SLACK - now;
  }

  sent(now: number): void {
    this.waitAt(now);
    this.underWay += 1;
  }

  /** An exchange ended; `lesson` where its answer told the rate. */
  done(sentAt: number, now: number, lesson: RateLesson | undefined): void {
    this.underWay -= 1;
    this.answered += 1;
    if (lesson === undefined) this.untold.push(now);
    else if (lesson.reset <= LONGEST_RESET) this.learn(sentAt, now, lesson);
    this.used = Math.max(this.used, this.answered - this.untold.length);
    this.latest = Math.min(this.latest, now + this.longest);
  }

  /** A 429 that did not say when to come again: nothing is left of this window. */
  exhausted(sentAt: number): void {
    if (this.allowed !== Number.POSITIVE_INFINITY && sentAt >= this.startedAt) this.used = Math.max(this.used, this.allowed);
  }

  private learn(sentAt: number, now: number, { allowed, count, reset }: RateLesson): void {
    const earliest = sentAt + (reset - 1) * 1_000;
    const latest = now + (reset + 1) * 1_000;
    this.allowed = allowed;
    this.longest = Math.max(this.longest, reset * 1_000);
    if (sentAt < this.startedAt && earliest <= this.startedAt) return;
    if (earliest > this.latest) this.startNext(this.latest);
    this.latest = Math.min(this.latest, latest, now + this.longest);
    this.used = Math.max(this.used, count);
    this.untold = this.untold.filter((endedAt) => endedAt > sentAt);
  }

  /** The last window is surely over at `now`. What is still under way may count for either. */
  private startNext(now: number): void {
    this.used = 0;
    this.answered = 0;
    this.untold = [];
    this.latest = Number.POSITIVE_INFINITY;
    this.startedAt = now;
  }
}
