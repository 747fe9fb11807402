import { readFileSync } from 'node:fs'

/** What pgBackRest 2.45 said in a real run. */
export interface Fixture {
  /** Without the options for configuration and stanza: `backup --type=full`. */
  readonly command: string
  /** Exit status. */
  readonly status: number
  readonly ms: number
  readonly stdout: string
  readonly stderr: string
}

const form = /^\$ pgbackrest (.*)\nexit (\d+) after (\d+) ms\n--- stdout\n(.*)--- stderr\n(.*)$/s

/** @param name of a file in `fixtures`, without its ending */
export function readFixture(name: string): Fixture {
  const text = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8')
  const [, command, status, ms, stdout, stderr] = form.exec(text) ?? []
  if (command === undefined || stdout === undefined || stderr === undefined) {
    throw new Error(`${name} has not the form of a fixture`)
  }
  return { command, status: Number(status), ms: Number(ms), stdout, stderr }
}

/** The form that `readFixture` reads. */
export function printFixture({ command, status, ms, stdout, stderr }: Fixture): string {
  return `$ pgbackrest ${command}\nexit ${status} after ${Math.round(ms)} ms\n--- stdout\n${stdout}--- stderr\n${stderr}`
}
