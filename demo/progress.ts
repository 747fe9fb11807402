/** Prints what the demo does: one line per step, with the time it took. */
export interface Progress {
  step<T>(what: string, work: () => Promise<T>): Promise<T>
  line(text: string): void
}

/** @param signal no step begins once it has aborted */
export function createProgress(print: (text: string) => void, signal: AbortSignal): Progress {
  return {
    line: print,
    async step(what, work) {
      signal.throwIfAborted()
      const start = performance.now()
      const result = await work()
      print(`  ${what.padEnd(52)} ${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s`)
      return result
    },
  }
}
