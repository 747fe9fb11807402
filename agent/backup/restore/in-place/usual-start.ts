import { readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** How a server was started, so that it can be started in the same way after it was stopped. */
export const usualStart = z.object({
  program: z.string(),
  args: z.array(z.string()),
  /** Where its own words went to, where that is a file. */
  logFile: z.string().nullable(),
  environment: z.record(z.string(), z.string()),
  /** The unit of systemd that it belonged to. */
  unit: z.string().nullable(),
})
export type UsualStart = z.infer<typeof usualStart>

/** Nothing else of its environment is kept: there may be secrets in it. */
const keptVariables = /^(PATH|HOME|TZ|LANG|LC_[A-Z]+|LD_LIBRARY_PATH)$/

/** @param pid of the postmaster. @throws Error when its directory or process cannot be read */
export async function readUsualStart(dataDirectory: string, pid: number): Promise<UsualStart> {
  const [options, environment, groups] = await Promise.all([
    readFile(join(dataDirectory, 'postmaster.opts'), 'utf8'),
    readFile(`/proc/${pid}/environ`, 'utf8'),
    readFile(`/proc/${pid}/cgroup`, 'utf8'),
  ])
  return {
    ...parsePostmasterOptions(options),
    logFile: await fileBehind(`/proc/${pid}/fd/2`),
    environment: Object.fromEntries(
      environment.split('\0').flatMap((entry) => {
        const [, name, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? []
        return name === undefined || value === undefined || !keptVariables.test(name) ? [] : [[name, value]]
      }),
    ),
    unit: unitOf(groups),
  }
}

/** `/path/postgres "-D" "/data"`: the program as it is, each argument in quotes (CreateOptsFile in postmaster.c). */
export function parsePostmasterOptions(text: string): Pick<UsualStart, 'program' | 'args'> {
  const line = text.replace(/\n$/, '')
  const begin = line.indexOf(' "')
  if (begin < 0) return { program: line, args: [] }
  return { program: line.slice(0, begin), args: line.slice(begin + 2, -1).split('" "') }
}

/** The service in /proc/pid/cgroup; null for what systemd has not started. */
export function unitOf(groups: string): string | null {
  return /\/([^/\n]+\.service)(?:\/|$)/m.exec(groups)?.[1] ?? null
}

async function fileBehind(link: string): Promise<string | null> {
  try {
    const file = await readlink(link)
    return (await stat(file)).isFile() ? file : null
  } catch {
    return null
  }
}
