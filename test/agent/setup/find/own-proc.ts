import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A root directory whose /proc shows these processes alone, as they are: others of the machine are not ours to look at. */
export function ownProc(pids: readonly number[]): string {
  const root = mkdtempSync(join(tmpdir(), 'pgherd-proc-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'proc'))
  for (const pid of pids) symlinkSync(`/proc/${pid}`, join(root, 'proc', String(pid)))
  return root
}
