import { globSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

/** Gives every file and folder of a tree the same time, in seconds since 1970. */
export function settleTimes(root: string, epoch: number): void {
  for (const path of globSync('**/*', { cwd: root })) utimesSync(join(root, path), epoch, epoch)
}
