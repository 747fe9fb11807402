import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Files by path; a text that starts with `-> ` is a symbolic link to what follows. */
export type Tree = Readonly<Record<string, string>>

/** A machine made of files, for as long as the test runs. @returns where it lies */
export function plant(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'pgherd-host-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path))
    else writeFileSync(join(root, path), text)
  }
  return root
}

/** Files of one directory, one per entry. */
export function directory(path: string, files: Tree): Tree {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${path}/${name}`, text]))
}
