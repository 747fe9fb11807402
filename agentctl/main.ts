#!/usr/bin/env node
import { toPgherdError } from '../common/errors.ts'
import { runCli } from './cli.ts'

const warn = (line: string): void => void process.stderr.write(`${line}\n`)

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
