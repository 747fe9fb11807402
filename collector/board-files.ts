import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { systemCodeOf } from '../common/errors.ts'

/** A dashboard as a list has it. */
export interface BoardEntry {
  readonly uid: string
  readonly title: string
  readonly tags: readonly string[]
  /** Its file under `/dashboards/`. */
  readonly file: string
}

export interface BoardFiles {
  /** Sorted by title; none where no dashboards come with this installation. */
  list(): readonly BoardEntry[]
  /** The JSON of one, undefined where there is none of that name. */
  text(file: string): string | undefined
}

const head = z.object({ uid: z.string(), title: z.string(), tags: z.array(z.string()) })

/** Grafana dashboards in a directory, read when they are asked for: that is seldom, and they take a megabyte. */
export function createBoardFiles(directory: string): BoardFiles {
  const names = (): readonly string[] => {
    try {
      return readdirSync(directory).filter((name) => /^[a-z0-9-]+\.json$/.test(name))
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return []
      throw error
    }
  }
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8')
  return {
    list: () =>
      names()
        .map((file) => ({ ...head.parse(JSON.parse(read(file))), file }))
        .sort((a, b) => (a.title < b.title ? -1 : 1)),
    text: (file) => (names().includes(file) ? read(file) : undefined),
  }
}
