#!/usr/bin/env node
import { messageOf, systemCodeOf, toPgherdError } from '../common/errors.ts'
import { runCli } from './cli.ts'
import { printable } from './terminal.ts'

/** Messages may quote names and values that others chose; only their line breaks are kept. */
const warn = (text: string): void => {
  for (const line of text.split('\n')) process.stderr.write(`${printable(line)}\n`)
}

process.stdout.on('error', (error) => {
  // Whoever read the output has seen enough, as in `agentctl query ... | head`.
  if (systemCodeOf(error) === 'EPIPE') process.exit()
  warn(`agentctl: the output could not be written: ${messageOf(error)}`)
  process.exit(1)
})

try {
  await runCli({
    argv: process.argv.slice(2),
    collectorUrl: process.env['PGHERD_COLLECTOR_URL'],
    terminal: {
      width: process.stdout.isTTY ? process.stdout.columns : Infinity,
      print: (line) => void process.stdout.write(`${line}\n`),
    },
    now: () => Date.now(),
    warn,
  })
} catch (error) {
  const failure = toPgherdError(error)
  warn(`agentctl: ${failure.message}`)
  process.exitCode = failure.exit
}
