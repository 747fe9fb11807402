import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { systemCodeOf } from '../../common/errors.ts'

/** Removes what a process that was killed has left of its Unix socket. One that somebody listens on stays. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return
  const code = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path)
    probe.once('error', (error) => resolve(systemCodeOf(error)))
    probe.once('connect', () => {
      probe.destroy()
      resolve(undefined)
    })
  })
  if (code === 'ECONNREFUSED') unlinkSync(path)
}
