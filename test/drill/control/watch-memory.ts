import { onTestFinished } from 'vitest'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'

const mebibyte = 2 ** 20

/** The most memory of a process until it is read, in MiB above what it had at the start. */
export function watchMemory(watched: PgherdProcess): () => number {
  const before = watched.residentBytes()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, watched.residentBytes())), 20)
  onTestFinished(() => clearInterval(timer))
  return () => Math.round((most - before) / mebibyte)
}
