import { startChild } from '../process.ts'
import type { Child, ChildOptions } from '../process.ts'
import { childrenOf, isAlive, residentBytes, signalProcess } from '../process-table.ts'

/**
 * Starts nsenter and gives the program below it as the child: nsenter waits for it and ends as it ended, and passes
 * no signals on.
 */
export async function startInner(options: ChildOptions): Promise<Child> {
  const outer = await startChild(options)
  const pid = await outer.waitFor('it runs in its namespace', () => childrenOf(outer.pid)[0])
  const inner: Child = {
    ...outer,
    pid,
    isAlive: () => outer.isAlive() && isAlive(pid),
    residentBytes: () => residentBytes(pid),
    signal(name) {
      if (!inner.isAlive()) return
      signalProcess(pid, name)
      // nsenter stops itself when what it waits for stops.
      if (name === 'SIGCONT') signalProcess(outer.pid, name)
    },
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      if (outer.ending() !== undefined) return
      inner.signal(signal)
      inner.signal('SIGCONT')
      const escalation = setTimeout(() => {
        signalProcess(pid, 'SIGKILL')
        void outer.stop('SIGKILL')
      }, graceMs)
      await outer.exited
      clearTimeout(escalation)
    },
    async [Symbol.asyncDispose]() {
      await inner.stop()
    },
  }
  return inner
}
