/** Where a self-test tells what it found. */
export interface TestReport {
  /** A line of its own. */
  say(line: string): void
  /** Something that works, with what there is to know about it. */
  good(what: string): void
  /** Something that is not there, and what would bring it. */
  missing(what: string, remedy?: string): void
  /** Something that does not work. */
  bad(what: string): void
}
