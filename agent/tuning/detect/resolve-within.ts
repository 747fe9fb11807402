import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { orNothing } from '../../../common/or-nothing.ts'

/** As many as the kernel follows: path_resolution(7). */
const mostLinks = 40

/**
 * An absolute path without its symbolic links, as a process sees it whose root directory is `base`: a link to an absolute path leads to
 * below `base` again, which the system's own realpath does not know. What cannot be looked at is taken as it stands.
 * @returns `isSeen`: whether the path is there, and could be followed to its end
 */
export function resolveWithin(
  base: string,
  path: string,
): { readonly path: string; readonly isSeen: boolean } {
  const open = path.split('/').filter((step) => step !== '')
  let done: string[] = []
  let links = 0
  let isSeen = true
  for (let step = open.shift(); step !== undefined; step = open.shift()) {
    if (step === '.') continue
    if (step === '..') {
      done = done.slice(0, -1)
      continue
    }
    const at = join(base, ...done, step)
    const found = isSeen ? orNothing(() => lstatSync(at)) : undefined
    if (found === undefined) isSeen = false
    const target = found?.isSymbolicLink() === true ? orNothing(() => readlinkSync(at)) : undefined
    if (target === undefined || links++ >= mostLinks) {
      done.push(step)
      continue
    }
    if (target.startsWith('/')) done = []
    open.unshift(...target.split('/').filter((one) => one !== ''))
  }
  return { path: `/${done.join('/')}`, isSeen }
}
