#!/usr/bin/env node
import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { systemClock } from '../common/clock.ts'
import { messageOf, systemCodeOf, toPgherdError } from '../common/errors.ts'
import { runCli } from './cli.ts'
import { openScreen } from './screen.ts'
import { printable } from './terminal.ts'

/** Messages may quote names and values that others chose; only their line breaks are kept. */
const warn = (text: string): void => {
  status('')
  for (const line of text.split('\n')) process.stderr.write(`${printable(line)}\n`)
}

const { stdin, stdout, stderr } = process
let shown = false
const status = (text: string): void => {
  if (!stderr.isTTY || (text === '' && !shown)) return
  shown = text !== ''
  stderr.write(`\r\u001b[K${printable(text).slice(0, stderr.columns - 1)}`)
}

const isDumb = process.env['TERM'] === 'dumb'

const interrupted = new AbortController()
process.once('SIGINT', () => {
  interrupted.abort()
  // A second one ends at once.
  process.once('SIGINT', () => process.exit(130))
})

const ask = async (
  question: string,
  options?: { readonly secret?: boolean },
): Promise<string | undefined> => {
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  status('')
  stderr.write(question)
  // What is typed is shown by the line editor, so that a secret's goes nowhere.
  const echo = options?.secret === true ? new Writable({ write: (_text, _encoding, done) => done() }) : stderr
  using lines = createInterface({ input: stdin, output: echo, terminal: true })
  const cancel = (): void => lines.close()
  lines.once('SIGINT', () => process.emit('SIGINT'))
  interrupted.signal.addEventListener('abort', cancel, { once: true })
  const closed = new Promise<undefined>((resolve) => void lines.once('close', () => resolve(undefined)))
  const answer = await Promise.race([lines.question(''), closed])
  if (options?.secret === true) stderr.write('\n')
  return answer ?? ''
}

stdout.on('error', (error) => {
  // Whoever read the output has seen enough, as in `agentctl query ... | head`.
  if (systemCodeOf(error) === 'EPIPE') process.exit()
  warn(`agentctl: the output could not be written: ${messageOf(error)}`)
  process.exit(1)
})

try {
  await runCli({
    argv: process.argv.slice(2),
    environment: process.env,
    clock: systemClock,
    signal: interrupted.signal,
    terminal: {
      width: stdout.isTTY ? stdout.columns : Infinity,
      colour: stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && !isDumb,
      print: (line) => {
        status('')
        stdout.write(`${line}\n`)
      },
    },
    warn,
    status,
    ask,
    openScreen: (onKey) => (isDumb ? undefined : openScreen(stdin, stdout, onKey)),
    readInput: () => text(stdin),
  })
} catch (error) {
  const failure = toPgherdError(error)
  warn(`agentctl: ${failure.message}`)
  process.exitCode = failure.exit
}
