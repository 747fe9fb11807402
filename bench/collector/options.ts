import { parseArgs } from 'node:util'

export interface BenchOptions {
  readonly quick: boolean
  /** Only what queries cost, fewer of them, without Prometheus. */
  readonly queries: boolean
  readonly million: boolean
  /** Of the run with a million series. */
  readonly minutes: number
  readonly series: number
  readonly compression: 'agent' | 'plain'
  readonly assert: boolean
}

const help = `npm run bench:collector -- [options]

Compares the collector with Debian's VictoriaMetrics and Prometheus on loopback: same data, same sender, one run.
Figures are of this machine and this run.

  --quick          about two minutes on an idle machine with two cores instead of ten; the load is then so short that
                   the warm-up of compilers is a large part of what it costs
  --queries        what the queries cost and nothing else: pgherd and VictoriaMetrics, thirty times each and thirty times more.
                   No p99 is told of so few, and no bar is judged
  --million        instead: a million active series, a sample of each every ten seconds, while dashboards ask;
                   the collector alone
  --minutes <n>    how long that goes on; 10 unless told
  --series <n>     how many series that has; 1000000 unless told
  --plain          requests are compressed by a general snappy compressor, not as the agent does it
  --assert         exit status 1 when a bar is not met
  --help           this text`

/** Reads the command line; undefined when only help was asked for, which is then printed. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      queries: { type: 'boolean', default: false },
      million: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
      series: { type: 'string', default: '1000000' },
      plain: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return undefined
  }
  return {
    quick: values.quick,
    queries: values.queries,
    million: values.million,
    minutes: Number(values.minutes),
    series: Number(values.series),
    compression: values.plain ? 'plain' : 'agent',
    assert: values.assert,
  }
}
