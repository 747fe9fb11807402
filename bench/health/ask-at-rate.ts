/**
 * Asks for a health path at a fixed rate, as a process of its own so that neither side waits for the other:
 * `node ask-at-rate.ts PORT PATH PER_SECOND SECONDS keep|new`. Requests are sent when they are due, whether or not earlier ones
 * were answered; time counts from when a request is sent until the end of the answer's head is read, so that this process' own timer
 * is not in it. Nor is its garbage, where it is given room for all of it: `--min-semi-space-size=256 --max-semi-space-size=256`.
 * A second before what counts lets Node compile this program. Prints one line of JSON: counts by status, and milliseconds.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

const [port = '', path = '/primary', perSecond = '1000', seconds = '10', connections = 'keep'] =
  process.argv.slice(2)
const warmUp = Number(perSecond)
const total = warmUp + Number(perSecond) * Number(seconds)
const intervalMs = 1000 / Number(perSecond)
const keptConnections = 8
const statuses = new Map<string, number>()
const latencies: number[] = []

let sent = 0
let ended = 0

/** When a request was sent; undefined for those that do not count. */
const moment = (): number | undefined => (sent > warmUp ? performance.now() : undefined)

function answered(text: string, sentMs: number | undefined): void {
  ended++
  if (sentMs === undefined) return
  latencies.push(performance.now() - sentMs)
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 'none'
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}

/** One connection per check, as HAProxy does. */
function askOnce(): void {
  const sentMs = moment()
  const socket = connect(Number(port), '127.0.0.1')
  let text = ''
  let isOver = false
  const over = (): void => {
    if (isOver) return
    isOver = true
    answered(text, sentMs)
  }
  socket.on('data', (piece) => {
    text += piece.toString('latin1')
    if (text.includes('\r\n\r\n')) over()
  })
  socket.once('error', () => socket.destroy())
  socket.once('close', over)
  socket.write(`HEAD ${path} HTTP/1.0\r\n\r\n`)
}

async function openKept(): Promise<() => void> {
  const kept = await Promise.all(
    Array.from({ length: keptConnections }, async () => {
      const waiting: (number | undefined)[] = []
      const socket = await new Promise<Socket>((resolve, reject) => {
        const one = connect(Number(port), '127.0.0.1', () => resolve(one)).once('error', reject)
      })
      socket.setNoDelay(true)
      socket.on('data', (piece) => {
        for (const answer of piece.toString('latin1').split(/(?=HTTP\/1\.1 )/)) {
          if (waiting.length > 0) answered(answer, waiting.shift())
        }
      })
      return { socket, waiting }
    }),
  )
  let turn = 0
  return () => {
    const { socket, waiting } = kept[turn++ % kept.length]!
    waiting.push(moment())
    socket.write(`HEAD ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  }
}

const ask = connections === 'new' ? askOnce : await openKept()
const startMs = performance.now()
const timer = setInterval(() => {
  while (sent < total && performance.now() >= startMs + sent * intervalMs) {
    sent++
    ask()
  }
  // What has not come a second after the last is counted as not answered.
  const late = performance.now() > startMs + total * intervalMs + 1_000
  if (sent < total || (ended < total && !late)) return
  clearInterval(timer)
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  console.log(
    JSON.stringify({
      sent: sent - warmUp,
      answered: latencies.length,
      statuses: Object.fromEntries(statuses),
      p50: at(0.5),
      p99: at(0.99),
      p999: at(0.999),
    }),
  )
  process.exit()
}, 1)
